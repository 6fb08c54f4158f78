"""Gang scheduling only where a job asks for it.

The Spark operator marks every application as a gang, and a gang holds its executors' places before the driver runs:
with dynamic allocation that is waste, and a gang above its queue's maximum is refused. So the marks come off again,
unless the pods carry a label.
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_kubernetes as k8s

from sizing import names

GANG_LABEL: Final = "elastic-spark/gang"
"""Pod label, `true` on driver and executors of a job that is to be scheduled as a gang."""
MARKS: Final = (
    "yunikorn.apache.org/task-group-name",
    "yunikorn.apache.org/task-groups",
    "yunikorn.apache.org/schedulingPolicyParameters",
)
"""Annotations that make a gang (apache/yunikorn-k8shim v1.9.0, pkg/common/constants)."""


def gang_on_request(
    name: str, scheduler_user: str, opts: pulumi.ResourceOptions | None = None
) -> k8s.admissionregistration.v1.MutatingAdmissionPolicyBinding:
    """Registers the policy that takes the marks off pods of queues, and gives its binding.

    Args:
        name: of the resources and, being unique in a platform, of the policy.
        scheduler_user: YuniKorn's own user, which makes the placeholders of gangs; their marks stay.
        opts: options of both.
    """
    marks = ", ".join(f"'{mark}'" for mark in MARKS)
    present = f"[{marks}].filter(mark, mark in object.metadata.annotations)"
    policy = k8s.admissionregistration.v1.MutatingAdmissionPolicy(
        f"{name}-policy",
        metadata={"name": name},
        spec={
            "match_constraints": {
                "namespace_selector": {"match_expressions": [{"key": names.QUEUE_LABEL, "operator": "Exists"}]},
                "object_selector": {
                    "match_expressions": [{"key": GANG_LABEL, "operator": "NotIn", "values": ["true"]}]
                },
                "resource_rules": [
                    {"api_groups": [""], "api_versions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
                ],
            },
            "match_conditions": [
                {"name": "not-a-placeholder", "expression": f"request.userInfo.username != '{scheduler_user}'"},
                {
                    "name": "marked",
                    "expression": f"has(object.metadata.annotations) && {present}.size() > 0",
                },
            ],
            "failure_policy": "Fail",
            # A webhook may have put the marks on after the first run.
            "reinvocation_policy": "IfNeeded",
            "mutations": [
                {
                    "patch_type": "JSONPatch",
                    "json_patch": {
                        "expression": f"{present}.map(mark, JSONPatch{{op: 'remove', "
                        "path: '/metadata/annotations/' + jsonpatch.escapeKey(mark)})"
                    },
                }
            ],
        },
        opts=opts,
    )
    return k8s.admissionregistration.v1.MutatingAdmissionPolicyBinding(
        f"{name}-binding",
        metadata={"name": name},
        spec={"policy_name": name},
        # The policy is named by a plain string, which says nothing of the order.
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[policy])),
    )
