"""All admission policies of a platform, and the priority classes that they put pods in."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.admission.applications import ApplicationArgs, application_policies
from components.admission.cards import CARDS
from components.admission.kinds import CLAIMS, SERVICES, WORKLOADS, volumes
from components.admission.lanes import BACKFILL, JOBS, PREEMPTION_POLICY, Lane
from components.admission.namespaces import DEPLOYERS, NAMESPACES, NAMESPACES_PARTS, deployers_bindings
from components.admission.networks import NetworkRulesArgs, network_policies
from components.admission.observability import MONITORING_RECEIVERS, MONITORING_RULES
from components.admission.pods_guard import pods_guard
from components.admission.pods_placement import pods_placement
from components.admission.pods_secrets import pods_secrets
from components.admission.pods_unchanged import PODS_UNCHANGED, pods_bound
from components.admission.policy import Policies, register_mutating, register_validating
from components.admission.quotas import DEPLOYERS_QUOTAS
from components.admission.routes import DoorRulesArgs, door_policies
from components.base import Component


@dataclass(frozen=True, kw_only=True)
class AdmissionArgs:
    """What the policies know of the platform.

    Args:
        scheduler_user: YuniKorn's own user, which makes the placeholders of gangs and puts pods on nodes.
        applications: what applications of the Spark operator may use.
        networks: what network policies of queues are held to.
        people_groups: how the groups begin that tenants' stacks may give purposes, beside those that stacks make:
            empty for all that the cluster's own sign-in knows, None for none.
        door: what routes and policies of queues are held to; None on a platform without a door.
    """

    scheduler_user: str
    applications: ApplicationArgs
    networks: NetworkRulesArgs
    people_groups: str | None
    door: DoorRulesArgs | None


class Admission(Component):
    """The API server's own policies for everything in queues, in force before the first job.

    A policy is refused requests' last word and depends on no pod of ours: it holds while YuniKorn and the Spark
    operator are away, and nothing in a queue is admitted while one of its expressions fails.
    """

    module = "admission"

    def __init__(self, name: str, args: AdmissionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args, opts)
        # The classes first: without one, every pod that a policy puts in it is refused.
        classes = [
            self._create_priority_class(f"{name}-priority", JOBS),
            self._create_priority_class(f"{name}-priority-backfill", BACKFILL),
        ]
        after = self.child(depends_on=classes)
        policies = admission_policies(args)
        for mutating in policies.mutating:
            register_mutating(f"{name}-{_short(mutating.name)}", mutating, after)
        for validating in policies.validating:
            register_validating(f"{name}-{_short(validating.name)}", validating, after)
        self.register_outputs({})

    def _create_priority_class(self, name: str, lane: Lane) -> pulumi.Resource:
        return k8s.scheduling.v1.PriorityClass(
            name,
            metadata={"name": lane.priority_class},
            value=lane.priority,
            preemption_policy=PREEMPTION_POLICY,
            description=lane.description,
            opts=self.child(),
        )


def admission_policies(args: AdmissionArgs) -> Policies:
    """All policies of a platform."""
    applications = application_policies(args.applications)
    return Policies(
        mutating=(pods_placement(args.scheduler_user), pods_secrets(), *applications.mutating),
        validating=(
            *applications.validating,
            pods_guard(args.scheduler_user, args.applications.images),
            PODS_UNCHANGED,
            pods_bound(args.scheduler_user),
            WORKLOADS,
            SERVICES,
            CLAIMS,
            volumes(args.people_groups),
            CARDS,
            NAMESPACES,
            DEPLOYERS_QUOTAS,
            NAMESPACES_PARTS,
            DEPLOYERS,
            deployers_bindings(args.people_groups),
            MONITORING_RULES,
            MONITORING_RECEIVERS,
            *network_policies(args.networks),
            *door_policies(args.door),
        ),
    )


def _short(policy: str) -> str:
    return policy.removeprefix("elastic-spark-")
