"""What nobody with a tenant's credentials may do, and what nobody may who has stolen the Spark operator's token."""

from __future__ import annotations

from typing import Final

from components.access.queue_rbac import PURPOSE_ROLES
from tests.cluster.api import Json, Object, RefusedError
from tests.cluster.application_shapes import application
from tests.cluster.attempts import Action, Ask, Attempt, Case, Change, Create, Delete
from tests.cluster.cluster import OPERATOR, OPERATOR_WEBHOOK, Account, Cluster, User, Who
from tests.cluster.pod_shapes import DRIVER, ENGINEER, NAMESPACE, OWNER, driver, executor

EXECUTOR: Final = Account(NAMESPACE, "spark-executor")
VIEWER: Final = User("guest", ("elastic-spark:search:viewer",))
VIEWED: Final = "search-adhoc"
OTHER: Final = "research-explore"
SYSTEM: Final = "spark-system"
CANNOT: Final = "cannot"
"""What RBAC says: User "..." cannot ... resource "..."."""


def core(kind: str, namespace: str = NAMESPACE) -> str:
    """Where objects of a kind are."""
    return f"/api/v1/namespaces/{namespace}/{kind}"


def applications(namespace: str = NAMESPACE) -> str:
    """Where SparkApplications are."""
    return f"/apis/sparkoperator.k8s.io/v1beta2/namespaces/{namespace}/sparkapplications"


def in_namespace(thing: Object, namespace: str) -> Object:
    """The same object in another namespace."""
    return {**thing, "metadata": {**thing["metadata"], "namespace": namespace}}


def binding(role: str, namespace: str) -> Object:
    """Gives a queue's driver a role."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"generateName": "more-", "namespace": namespace},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "ServiceAccount", "name": "spark-driver", "namespace": NAMESPACE}],
    }


def configuration(namespace: str = NAMESPACE) -> Object:
    """A driver's configuration."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"generateName": "spark-drv-", "namespace": namespace},
        "data": {"spark.properties": ""},
    }


TOKEN_REQUEST: Final = {
    "apiVersion": "authentication.k8s.io/v1",
    "kind": "TokenRequest",
    "spec": {"expirationSeconds": 600},
}
OTHERS_TOKEN: Final = Ask("POST", f"{core('serviceaccounts')}/default/token", TOKEN_REQUEST)
BINDING: Final = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "pi"}, "target": {"name": "ip-10-0-0-1"}}
OWN_PODS: Final = Ask("GET", core("pods"))
OWN_CONFIGURATIONS: Final = Ask("GET", core("configmaps"))


def forbidden(name: str, who: Account | User, does: Action, twin: Action) -> Attempt:
    """Something that RBAC refuses, and something that it doesn't."""
    return Attempt(name=name, who=who, does=does, refused=CANNOT, twin=twin)


def _as_somebody_else(cluster: Cluster, who: Who) -> Json:
    return cluster.acting(who).impersonating("system:admin", ("system:masters",)).request("GET", "/api/v1/secrets")


def _tell(cluster: Cluster, who: Who) -> Json:
    """Writes an application's status, as the operator does."""
    with cluster.made(ENGINEER, application()) as made:
        told = {**made, "status": {"submissionID": "8f2c4c0e"}}
        return cluster.acting(who).request("PUT", cluster.admin.path(made, "status"), told)


def _may_forward(cluster: Cluster, who: Who) -> Json:
    """Asks by both methods, as kubectl's versions do: there is no such pod, and whoever may is told that."""
    for method in ("GET", "POST"):
        try:
            cluster.acting(who).request(method, f"{core('pods', VIEWED)}/pi/portforward")
        except RefusedError as error:
            if error.code != 404:
                raise
    return {}


CASES: Final[tuple[Case, ...]] = (
    forbidden("a driver that lists its namespace's secrets", DRIVER, Ask("GET", core("secrets")), OWN_CONFIGURATIONS),
    forbidden("a driver that reads a secret", DRIVER, Ask("GET", f"{core('secrets')}/any"), OWN_CONFIGURATIONS),
    forbidden("a driver that lists all secrets", DRIVER, Ask("GET", "/api/v1/secrets"), OWN_CONFIGURATIONS),
    forbidden("a driver that enters a container", DRIVER, Ask("POST", f"{core('pods')}/pi/exec?command=id"), OWN_PODS),
    forbidden("a driver that attaches to a container", DRIVER, Ask("POST", f"{core('pods')}/pi/attach"), OWN_PODS),
    forbidden("a driver that forwards a port", DRIVER, Ask("POST", f"{core('pods')}/pi/portforward"), OWN_PODS),
    Attempt(
        name="a viewer that forwards a port of a driver, whose pages show data",
        who=VIEWER,
        does=Ask("GET", f"{core('pods', VIEWED)}/pi/portforward"),
        refused=CANNOT,
        twin=_may_forward,
        twin_who=User("lead", ("elastic-spark:search:owner",)),
    ),
    Attempt(
        name="a submitter that forwards a port of another queue's driver",
        who=ENGINEER,
        does=Ask("POST", f"{core('pods', VIEWED)}/pi/portforward"),
        refused=CANNOT,
        twin=Ask("GET", f"{core('services')}/spark-history"),
    ),
    forbidden(
        "a driver that puts a pod on a node",
        DRIVER,
        Ask("POST", f"{core('pods')}/pi/binding", BINDING),
        Create(driver()),
    ),
    forbidden("a driver that asks for another account's token", DRIVER, OTHERS_TOKEN, OWN_PODS),
    forbidden("a driver that gives itself a role", DRIVER, Create(binding("cluster-admin", NAMESPACE)), OWN_PODS),
    forbidden("a driver that looks at nodes", DRIVER, Ask("GET", "/api/v1/nodes"), OWN_PODS),
    forbidden("a driver that looks at all pods", DRIVER, Ask("GET", "/api/v1/pods"), OWN_PODS),
    forbidden("a driver that looks at another queue's pods", DRIVER, Ask("GET", core("pods", OTHER)), OWN_PODS),
    forbidden(
        "a driver that makes a pod in another queue", DRIVER, Create(in_namespace(driver(), OTHER)), Create(driver())
    ),
    forbidden(
        "a driver that removes another queue's pods", DRIVER, Ask("DELETE", core("pods", OTHER)), Delete(driver())
    ),
    forbidden(
        "a driver that reads the platform's configuration",
        DRIVER,
        Ask("GET", core("configmaps", SYSTEM)),
        OWN_CONFIGURATIONS,
    ),
    forbidden("a driver that submits an application", DRIVER, Create(application()), Create(executor())),
    *(
        forbidden(f"a driver that makes {name}", DRIVER, Ask("POST", path, {}), OWN_PODS)
        for name, path in (
            ("an endpoint of somebody else's address", core("endpoints")),
            ("a slice of endpoints", f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices"),
            (
                "an exception from the network policies",
                f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/networkpolicies",
            ),
            ("an ingress", f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/ingresses"),
            ("a claim to a device", f"/apis/resource.k8s.io/v1/namespaces/{NAMESPACE}/resourceclaims"),
            ("a template of pods", core("podtemplates")),
            ("a deployment", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"),
            ("a disruption budget", f"/apis/policy/v1/namespaces/{NAMESPACE}/poddisruptionbudgets"),
            ("a request for a certificate", "/apis/certificates.k8s.io/v1/certificatesigningrequests"),
            ("a class of storage", "/apis/storage.k8s.io/v1/storageclasses"),
            ("a class of priority", "/apis/scheduling.k8s.io/v1/priorityclasses"),
        )
    ),
    forbidden("a driver that evicts a pod", DRIVER, Ask("POST", f"{core('pods')}/pi/eviction", {}), OWN_PODS),
    forbidden(
        "a driver that says how a pod is",
        DRIVER,
        Change(driver(), {"status": {"phase": "Failed"}}, subresource="status"),
        Create(driver()),
    ),
    forbidden(
        "a driver that labels its namespace",
        DRIVER,
        Ask("PATCH", f"/api/v1/namespaces/{NAMESPACE}", {"metadata": {"labels": {}}}),
        OWN_PODS,
    ),
    forbidden("a driver in somebody else's name", DRIVER, _as_somebody_else, OWN_PODS),
    forbidden("an executor that looks at pods", EXECUTOR, OWN_PODS, Ask("GET", "/version")),
    forbidden("an executor that makes a pod", EXECUTOR, Create(executor()), Ask("GET", "/version")),
    forbidden("a submitter who makes a pod", ENGINEER, Create(driver()), Create(application())),
    forbidden("a submitter who removes a pod", ENGINEER, Delete(driver(), maker=DRIVER), Delete(application())),
    forbidden("a submitter who reads secrets", ENGINEER, Ask("GET", core("secrets")), OWN_PODS),
    forbidden(
        "a submitter who enters a container", ENGINEER, Ask("POST", f"{core('pods')}/pi/exec?command=id"), OWN_PODS
    ),
    forbidden(
        "a submitter who submits to another queue",
        ENGINEER,
        Create(in_namespace(application(), OTHER)),
        Create(application()),
    ),
    forbidden(
        "a submitter who looks at another queue", ENGINEER, Ask("GET", applications(OTHER)), Ask("GET", applications())
    ),
    forbidden(
        "a submitter who removes all applications", ENGINEER, Ask("DELETE", applications()), Delete(application())
    ),
    Attempt(
        name="a submitter who tells the operator how far it is",
        who=ENGINEER,
        does=Change(application(), {"status": {"submissionID": "../../evil"}}, subresource="status"),
        refused=CANNOT,
        twin=_tell,
        twin_who=OPERATOR,
    ),
    forbidden(
        "a viewer who submits",
        VIEWER,
        Create(in_namespace(application(), VIEWED)),
        Ask("GET", applications(VIEWED)),
    ),
    forbidden(
        "a viewer who reads logs, which show data",
        VIEWER,
        Ask("GET", f"{core('pods', VIEWED)}/pi/log"),
        Ask("GET", core("pods", VIEWED)),
    ),
    forbidden("an owner who enters a container", OWNER, Ask("POST", f"{core('pods')}/pi/exec?command=id"), OWN_PODS),
    forbidden("an owner who reads secrets", OWNER, Ask("GET", core("secrets")), Ask("GET", core("services"))),
    forbidden(
        "an owner who gives rights away",
        OWNER,
        Create(binding(PURPOSE_ROLES["owner"], NAMESPACE)),
        Delete(driver(), maker=DRIVER),
    ),
    forbidden(
        "an owner who raises the queue's maximum",
        OWNER,
        Ask("PATCH", f"/api/v1/namespaces/{NAMESPACE}", {"metadata": {"annotations": {}}}),
        Ask("GET", f"/api/v1/namespaces/{NAMESPACE}"),
    ),
    forbidden("the operator's token on secrets", OPERATOR, Ask("GET", "/api/v1/secrets"), Ask("GET", "/api/v1/pods")),
    forbidden(
        "the operator's token on a queue's secrets",
        OPERATOR,
        Ask("GET", core("secrets")),
        Ask("GET", "/api/v1/configmaps"),
    ),
    forbidden(
        "the operator's token on the platform's secrets",
        OPERATOR,
        Ask("GET", f"{core('secrets', SYSTEM)}/spark-operator-webhook-certs"),
        Ask("GET", "/api/v1/services"),
    ),
    forbidden(
        "the operator's token for a pod beside the platform's software",
        OPERATOR,
        Create(in_namespace(driver(), SYSTEM)),
        Create(driver()),
    ),
    forbidden(
        "the operator's token for a pod in kube-system",
        OPERATOR,
        Create(in_namespace(driver(), "kube-system")),
        Create(driver()),
    ),
    forbidden(
        "the operator's token for a configuration of the scheduler",
        OPERATOR,
        Create(configuration(SYSTEM)),
        Create(configuration()),
    ),
    forbidden(
        "the operator's token for a role", OPERATOR, Create(binding("cluster-admin", NAMESPACE)), Create(driver())
    ),
    forbidden("the operator's token for another token", OPERATOR, OTHERS_TOKEN, Create(driver())),
    forbidden(
        "the operator's token on the policies",
        OPERATOR,
        Ask("GET", "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies"),
        Ask("GET", "/apis/sparkoperator.k8s.io/v1alpha1/sparkconnects"),
    ),
    Attempt(
        name="the operator's token on somebody's application",
        who=OPERATOR,
        does=Change(application(), {"spec": {"arguments": ["1"]}}, maker=ENGINEER),
        refused=CANNOT,
        twin=Delete(application(), maker=ENGINEER),
    ),
    forbidden(
        "the operator's token on a queue's network policies",
        OPERATOR,
        Ask("DELETE", f"/apis/networking.k8s.io/v1/namespaces/{NAMESPACE}/networkpolicies/default-deny"),
        Create(driver()),
    ),
    forbidden(
        "the webhook's token on somebody else's webhooks",
        OPERATOR_WEBHOOK,
        Ask("GET", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"),
        Ask(
            "GET",
            "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations"
            "?fieldSelector=metadata.name%3Dspark-operator-webhook",
        ),
    ),
    forbidden(
        "the webhook's token for a pod",
        OPERATOR_WEBHOOK,
        Create(driver()),
        Ask("GET", "/apis/sparkoperator.k8s.io/v1beta2/sparkapplications"),
    ),
    forbidden(
        "the webhook's token on the platform's secrets",
        OPERATOR_WEBHOOK,
        Ask("GET", core("secrets", SYSTEM)),
        Create(
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "spark-operator-webhook-certs", "namespace": SYSTEM},
            }
        ),
    ),
)
