"""Every name that more than one place must agree on, and the lengths that keep each within its limit.

Limits: IAM roles and instance profiles 64 characters, S3 buckets 63, Kubernetes names and label values 63,
launch templates 128, Auto Scaling groups 255.
"""

from __future__ import annotations

import hashlib
import re

MAXIMUM_PLATFORM = 20
MAXIMUM_TENANT = 16
MAXIMUM_QUEUE = 20
MAXIMUM_POOL = 16
MAXIMUM_GENERATION = 8
MAXIMUM_APPLICATION_PREFIX = 26
MAXIMUM_DOMAIN = 253 - (MAXIMUM_TENANT + 1 + MAXIMUM_QUEUE) - 1
"""Of a door: a host is at most 253 characters long, and begins with a namespace and a dot."""

POOL_LABEL = "elastic-spark/pool"
"""Node label and taint key whose value is the pool's identity; tags and admission use the same string."""
PURPOSE_LABEL = "elastic-spark/purpose"
"""Node label: `system`, `driver` or `executor`."""
GENERATION_LABEL = "elastic-spark/generation"
"""Node label: the generation of the group that the node belongs to."""
CAPACITY_LABEL = "elastic-spark/capacity"
"""Node label: `on-demand` or `spot`."""
AMI_LABEL = "elastic-spark/ami-release"
"""Node label: the release of the EKS-optimized AMI that the node was launched from, such as `v20260930`."""
PATCHING_ANNOTATION = "elastic-spark/patching-since"
"""Of a node that `fleet pools patch` has cordoned: since when, as in RFC 3339."""
HELD_ANNOTATION = "elastic-spark/held-for-patching"
"""Of a node that `fleet pools patch` keeps from the autoscaler's scale-in, while others of its group are emptied."""
TENANT_LABEL = "elastic-spark/tenant"
QUEUE_LABEL = "elastic-spark/queue"
"""Label of a queue's namespace, and of its nodes, by which admission knows that rules for queues hold there."""
POOLS_ANNOTATION = "elastic-spark/pools"
"""Of a queue's namespace: the identities of its executor pools, with commas between them."""
DEFAULT_POOL_ANNOTATION = "elastic-spark/default-pool"
"""Of a queue's namespace: the identity of the pool of executors that choose none."""
APPLICATION_PREFIX_ANNOTATION = "elastic-spark/application-prefix"
"""Of a queue's namespace: see `application_prefix`."""
DRIVER_CPU_ANNOTATION = "elastic-spark/driver-cpu-millicores"
"""Of a queue's namespace: what one driver requests at most."""
DRIVER_MEMORY_ANNOTATION = "elastic-spark/driver-memory-bytes"
"""Of a queue's namespace: what one driver requests at most, overhead included."""
DRIVERS_AT_ONCE_ANNOTATION = "elastic-spark/drivers-at-once"
"""Of a queue's namespace: how many drivers run at the same time."""
HISTORY_CPU_ANNOTATION = "elastic-spark/history-cpu-millicores"
"""Of a queue's namespace: what its history server requests at most; 0 for a queue without one."""
HISTORY_MEMORY_ANNOTATION = "elastic-spark/history-memory-bytes"
"""Of a queue's namespace: what its history server requests at most; 0 for a queue without one."""
SPARK_CONF_ANNOTATION = "elastic-spark/spark-conf"
"""Of a queue's namespace: Spark settings of its applications, a `name=value` in each line."""
MAX_EXECUTORS_PER_JOB_ANNOTATION = "elastic-spark/max-executors-per-job"
"""Of a queue's namespace: executors of one job at most; without it, as many as the queue holds."""
BACKFILL_ANNOTATION = "elastic-spark/backfill"
"""Of a queue's namespace: `true` where it has a lane for backfill."""
LANE_LABEL = "elastic-spark/lane"
"""Of applications and pods: `backfill`, or nothing for all others."""
BACKFILL = "backfill"
POOLS_USABLE_ANNOTATION = "elastic-spark/pools-usable"
"""Of a queue's namespace: what executors can fill of a node of each pool, as `pool:millicores:bytes` with commas."""
NODE_LABELS_ANNOTATION = "elastic-spark/node-labels"
"""Of a queue's namespace: the labels of its pools' nodes, a line `pool key=value` for each value; absent where they are
not the platform's to know. Of what can be anything there is `pool key`."""
PORTS_ANNOTATION = "elastic-spark/egress-ports"
"""Of a queue's namespace: the TCP ports by which its pods reach the world outside, with commas between them."""
SUBMITTER_ANNOTATION = "elastic-spark/submitter"
"""Of an application, and of its pods: the user who submitted it, as Kubernetes knows them. Admission writes it."""
DEADLINE_ANNOTATION = "elastic-spark/deadline"
"""Of an application: by when it must have ended, a time of RFC 3339. Of its driver: the same in UTC, by admission."""

SECRETS_LABEL = "elastic-spark/secrets"
"""Label of a queue's namespace, `true` where its pods find secrets; by it admission looks at no other queue's pods."""
SECRETS_ANNOTATION = "elastic-spark/secrets"
"""Of a queue's namespace: `sizing.secrets.secret_lines` of those that are files; names and ARNs alone."""
VARIABLES_ANNOTATION = "elastic-spark/secret-variables"
"""Of a queue's namespace: the same of those that are environment variables."""

QUEUE_CARD = "elastic-spark-queue-card"
"""The ConfigMap of a queue's namespace that says what its people must know of it; see `infra.tenant.card`."""
QUEUE_CARD_KEY = "card.json"
JOB_ID_LABEL = "elastic-spark/job-id"
"""Of an application, and so of its pods: the identifier that whoever submitted it gave it."""
UPLOADS = "uploads"
"""Below a queue's prefix of artifacts: what its people upload for jobs."""
JOB_RECORDS = "skate"
"""Below a queue's prefix of artifacts: what they noted of jobs that they submitted."""

HISTORY_SERVER = "spark-history"
"""Of a queue: the history server's StatefulSet, service and service account."""
PAST_LOGS = "spark-logs"
"""Of a queue: the service that shows logs of pods that are gone, of the history server's pod; its route at the door."""
HISTORY_POD = f"{HISTORY_SERVER}-0"

DOOR = "door"
"""The Gateway, in the platform's namespace, by which people and programs come in, and what configures it."""
DOOR_CLASS = "elastic-spark-door"
"""Its GatewayClass, which is the cluster's."""
DOOR_LISTENER = "people"
"""The Gateway's one listener."""
DOOR_LOGIN = "door-login"
"""The Secret of the platform's namespace with the password of the door's client at the issuer; people make it."""
DOOR_LOGIN_KEY = "client-secret"
"""Its key, as Envoy Gateway looks for it."""
DOOR_CREDENTIAL = "door-credential"
"""Of a queue: what puts its own credential in the place of people's tokens, and the Secret that has it."""
DOOR_START = "start"
"""The page's label that lists what somebody may open."""
DOOR_PAGES = ("alerts", "grafana", "prometheus", "scheduler", DOOR_START)
"""First labels of the hosts of the platform's pages. No queue has one: each namespace has a dash, none of these has."""

SYSTEM_POOL = "system"
DRIVER_POOL = "driver"

SPOT_SUFFIX = "-spot"
"""Ends the identity in the names of Spot groups, by which the autoscaler's priorities know them; a pool of Spot nodes
with an on-demand fall-back has two sets of groups, with one label and taint."""

OPERATOR_GROUP = "sparkoperator.k8s.io"
"""API group of the Spark operator."""

SYSTEM_NAMESPACE = "spark-system"
"""Namespace of all that the platform installs, but for what its chart puts elsewhere."""
RESERVED_NAMESPACES = frozenset({SYSTEM_NAMESPACE, "kube-system", "kube-public", "kube-node-lease"})
"""Namespaces that no queue may have."""
ROOT_QUEUE = "root.tenants"
"""Parent of tenants' queues in YuniKorn, unless their order is another (`sizing.sharing`)."""
FAIR_ROOT_QUEUE = "root.tenants-fair"
"""Parent of tenants' queues in YuniKorn whose order is `fair`."""
TENANT_DEPLOYERS = "elastic-spark:tenant-deployers"
"""The Kubernetes group of those who deploy all tenants' stacks, see `components.access.tenant_deployers`; of those who
deploy some, `deployers_group`."""
PLATFORM_VIEWERS = "elastic-spark:platform-viewers"
"""The binding of the issuer's groups that may look at the whole platform."""
SHARED_TENANT = "shared"
"""No tenant is called so: its groups would begin like those of principals that serve several."""
OWN_GROUPS = "elastic-spark:"
"""How all Kubernetes groups begin that stacks make themselves."""
ISSUERS = "oidc:"
"""Begins the Kubernetes users and groups that a platform's issuer of ID tokens tells of: so none is Kubernetes' own, or
one that stacks make, whatever a token says."""
SHARED_GROUPS = f"elastic-spark:{SHARED_TENANT}:"
"""How the Kubernetes groups of `shared_group` begin."""


def namespace(tenant: str, queue: str) -> str:
    """The namespace, and last part of the YuniKorn queue, of a tenant's queue."""
    return f"{tenant}-{queue}"


def door_host(label: str, domain: str) -> str:
    """The host, at a door's domain, of a queue's namespace or of one of the platform's pages (`DOOR_PAGES`)."""
    return f"{label}.{domain}"


def application_prefix(namespace: str) -> str:
    """How the identifiers of a queue's applications start in YuniKorn: the namespace, or digits and its start.

    YuniKorn knows an application by its identifier alone, whatever its namespace, so no two queues may share one. With
    a dash and a pod's UID behind it, the 36 characters of which nobody can choose, it still is a label's value.
    """
    if len(namespace) <= MAXIMUM_APPLICATION_PREFIX:
        return namespace
    digest = hashlib.sha256(namespace.encode()).hexdigest()[:8]
    # No namespace has a dot. The digits come first, because names of pods have no dash before a dot.
    return f"{digest}.{namespace[: MAXIMUM_APPLICATION_PREFIX - 9]}"


def pool_identity(tenant: str, queue: str, pool: str) -> str:
    """The identity of an executor pool: the value of its label and taint."""
    return f"{namespace(tenant, queue)}-{pool}"


def group(platform: str, identity: str, zone: str, generation: str, *, spot: bool = False) -> str:
    """The Auto Scaling group of a pool in one zone.

    The generation lets a replacement run beside its predecessor until that one is empty.
    """
    return f"{platform}-{identity}{SPOT_SUFFIX if spot else ''}-{zone}-{generation}"


def launch_template(platform: str, identity: str, generation: str, *, spot: bool = False) -> str:
    """The launch template that a generation's groups share."""
    return f"{platform}-{identity}{SPOT_SUFFIX if spot else ''}-{generation}"


def bucket(platform: str, purpose: str, account: str, region: str) -> str:
    """A bucket of the platform. Bucket names are shared by all accounts, hence account and region."""
    return f"{platform}-{purpose}-{account}-{region}"


def buckets(platform: str, account: str, region: str) -> dict[str, str]:
    """All buckets of a platform, by purpose."""
    return {purpose: bucket(platform, purpose, account, region) for purpose in ("artifacts", "events", "logs")}


def queue_prefix(tenant: str, queue: str) -> str:
    """The prefix of a queue's objects in each of the platform's buckets, without a slash at its end."""
    return f"{tenant}/{queue}"


def role(platform: str, purpose: str) -> str:
    """An IAM role, and its instance profile where it has one. IAM is global in an account, hence the platform."""
    return f"{platform}-{purpose}"


def is_role_of(platform: str, name: str) -> bool:
    """Whether an IAM role of this name is a platform's or one of its tenants': whatever their stacks make is called so.

    The path is no part of a role's name, and no two roles of an account have one name.
    """
    return name.startswith(role(platform, ""))


def queue_role(platform: str, namespace: str) -> str:
    """The IAM role of a queue's jobs; no role of the platform's own starts so."""
    return role(platform, f"queue-{namespace}")


def history_role(platform: str, namespace: str) -> str:
    """The IAM role of a queue's history server."""
    return role(platform, f"hist-{namespace}")


def readers_role(platform: str, tenant: str) -> str:
    """The IAM role that a tenant's people take to read its logs; no namespace has a dot, so it is no queue's role."""
    return role(platform, f"queue-{tenant}.logs")


def queue_readers_role(platform: str, namespace: str) -> str:
    """The IAM role by which the logs of one queue are read, where others than its tenant's people may."""
    return role(platform, f"q-{namespace}.log")


def upload_role(platform: str, namespace: str) -> str:
    """The IAM role that a queue's people take to upload what its jobs run; with a dot, as people's have."""
    return role(platform, f"q-{namespace}.put")


def boundary(platform: str, tenant: str) -> str:
    """The IAM policy that bounds all roles of a tenant on a platform."""
    return f"{platform}-tenant-{tenant}"


def platform_boundary(platform: str) -> str:
    """The IAM policy that bounds the platform's own roles; the account's owner makes it."""
    return f"{platform}-platform"


def deployer_policy(platform: str, tenant: str, number: int) -> str:
    """One of the IAM policies of a tenant's deployers, counted from 1."""
    return f"{platform}-deploy-{tenant}-{number}"


def tenant_group(tenant: str, purpose: str) -> str:
    """The Kubernetes group of a tenant's people with one purpose."""
    return f"elastic-spark:{tenant}:{purpose}"


def shared_group(principal: str, namespace: str, purpose: str) -> str:
    """The Kubernetes group of a principal that serves several queues: its access entry names one for each of them."""
    return f"{SHARED_GROUPS}{principal}:{namespace}:{purpose}"


def door_balancer(platform: str) -> str:
    """The load balancer before a platform's door, and its target group; both names have at most 32 characters.

    Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
    """
    return f"{platform}-{DOOR}"


def identity_provider(platform: str) -> str:
    """What EKS calls the issuer of people's tokens; it keeps one for a cluster."""
    return f"{platform}-people"


def issuers_group(group: str) -> str:
    """The Kubernetes group of those whose ID tokens have a group."""
    return f"{ISSUERS}{group}"


def deployers_group(tenant: str) -> str:
    """The Kubernetes group of those who deploy one tenant's stack; no tenant's people are in such a one."""
    return f"{TENANT_DEPLOYERS}:{tenant}"


def door_alarm(platform: str) -> str:
    """The alarm of CloudWatch for the certificate of a platform's door."""
    return f"{platform}-{DOOR}-certificate"


def alert_topics(platform: str, tenant: str = "") -> str:
    """How the names of topics of Amazon SNS start to which alerts of the platform, or of a tenant, may go.

    The tenant's own are called exactly so, or go on with a dash: no tenant's name has one.
    """
    return f"{platform}-alerts-{tenant}"


def key_alias(platform: str, purpose: str) -> str:
    """The alias of a KMS key."""
    return f"alias/{platform}-{purpose}"


def control_plane_log_group(platform: str) -> str:
    """The log group to which EKS writes the control plane's logs; the name is EKS's."""
    return f"/aws/eks/{platform}/cluster"


def log_group(platform: str, what: str) -> str:
    """A log group of what runs in the cluster; `what` is `*` for all of them."""
    return f"/elastic-spark/{platform}/{what}"


def queue_log_group(platform: str, namespace: str) -> str:
    """The log group of a queue's drivers and executors."""
    return log_group(platform, f"queue/{namespace}")


def ami_parameter(kubernetes_version: str, architecture: str, release: str) -> str:
    """How a launch template names one release of the EKS-optimized AL2023 AMI.

    Args:
        kubernetes_version: such as `1.36`.
        architecture: `amd64` or `arm64`.
        release: such as `v20260930`.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html
    """
    machine = {"amd64": "x86_64", "arm64": "arm64"}[architecture]
    image = f"amazon-eks-node-al2023-{machine}-standard-{kubernetes_version}-{release}"
    family = f"/aws/service/eks/optimized-ami/{kubernetes_version}/amazon-linux-2023/{machine}/standard"
    return f"resolve:ssm:{family}/{image}/image_id"


def label_in_metrics(key: str) -> str:
    """What kube-state-metrics makes of a Kubernetes label's key, behind its prefix `label_` or `nodeselector_`.

    Source: kubernetes/kube-state-metrics, internal/store/utils.go (labelName); none of ours has capital letters
    """
    return re.sub(r"[^a-zA-Z0-9_]", "_", key)
