"""How a queue's secrets come into its pods, and that nothing else comes with them."""

from __future__ import annotations

import copy
from typing import Any, Final

from components.queue.secrets import FETCHER, SCRIPT, VARIABLES
from components.software.versions import AWS_CLI_IMAGE
from sizing import names
from sizing.secrets import DIRECTORY
from tests.cluster import pod_shapes as pods
from tests.cluster.api import Json, Object
from tests.cluster.attacks_deployers import Try
from tests.cluster.attempts import Ask, Attempt, Case, Completion, Create
from tests.cluster.cluster import OPERATOR, TENANT_DEPLOYER, Account
from tests.cluster.pod_shapes import DRIVER, connect_server, driver, executor

QUEUE: Final = "search-adhoc"
"""Its stack names two secrets, a file and a variable."""
ITS_DRIVER: Final = Account(QUEUE, "spark-driver")
SECRETS: Final = (
    "WAREHOUSE_PASSWORD=arn:aws:secretsmanager:eu-central-1:111122223333:secret:search/adhoc/warehouse-a1B2c3"
)
VARIABLE: Final = "KAFKA_LOGIN"
IN_ENVIRONMENT: Final = f"{VARIABLE}=arn:aws:ssm:eu-central-1:111122223333:parameter/search/adhoc/kafka-login"
REFERENCE: Final = {"volumeName": VARIABLES, "path": VARIABLE, "key": VARIABLE, "optional": False}
MOUNT: Final = {"name": FETCHER, "mountPath": DIRECTORY, "readOnly": True}


def there(pod: Object) -> Object:
    """A pod in the queue that has secrets."""
    moved = copy.deepcopy(pod)
    moved["metadata"]["namespace"] = QUEUE
    return moved


def brought(pod: Object) -> Json:
    """What a pod has of the secrets: what reads them, with what, where they are, and where and how they are seen."""
    spec = pod["spec"]
    init = [
        [c["name"], c["image"], [e["value"] for e in c.get("env", []) if e["name"] in ("SECRETS", "VARIABLES")]]
        for c in spec.get("initContainers", [])
    ]
    volumes = [[v["name"], v["emptyDir"]] for v in spec["volumes"] if v["name"] in (FETCHER, VARIABLES)]
    seen = [[m for m in c.get("volumeMounts", []) if m["mountPath"].startswith(DIRECTORY)] for c in spec["containers"]]
    known = [[e.get("valueFrom") for e in c.get("env", []) if e["name"] == VARIABLE] for c in spec["containers"]]
    return [init, volumes, seen, known]


def brings(*more: str, containers: int = 1) -> Json:
    """What it is in the queue that has secrets; `more` are a tenant's own init containers."""
    return [
        [[FETCHER, AWS_CLI_IMAGE, [SECRETS, IN_ENVIRONMENT]], *([name, pods.IMAGE, []] for name in more)],
        [[name, {"medium": "Memory", "sizeLimit": "8Mi"}] for name in (FETCHER, VARIABLES)],
        [[MOUNT]] * containers,
        [[{"fileKeyRef": REFERENCE}]] * containers,
    ]


def _init(name: str = "own", image: str = pods.IMAGE, **fields: Any) -> Object:  # noqa: ANN401
    return {
        "name": name,
        "image": image,
        "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "64Mi"}},
        **fields,
    }


def _forged(**fields: Any) -> Object:  # noqa: ANN401
    """A driver that brings an init container like the one that reads secrets."""
    whole = {"name": FETCHER, "image": AWS_CLI_IMAGE, "command": ["/bin/sh", "-ec", SCRIPT], **fields}
    return driver(initContainers=[_init(**whole)])


_NONE: Final[Json] = [[], [], [[]], [[]]]
_SIDECAR: Final = {
    "name": "side",
    "image": pods.IMAGE,
    "resources": {"requests": {"cpu": "10m"}, "limits": {"memory": "64Mi"}},
}
_SMALL: Final = {"resources": {"requests": {"cpu": "900m", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}}
_NAMESPACE: Final = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": QUEUE}}


def _annotated(value: str, annotation: str = names.SECRETS_ANNOTATION) -> Object:
    return {"metadata": {"annotations": {annotation: value}}}


CASES: Final[tuple[Case, ...]] = (
    *(
        Completion(
            name=f"{name} of a queue with secrets finds them in memory, and one of a queue without finds none",
            who=who,
            does=Create(there(pod)),
            rule="secrets",
            field=brought,
            becomes=brings(),
            twin=Create(pod),
            twin_who=twin_who,
            stays=_NONE,
        )
        for name, pod, who, twin_who in (
            ("a driver", driver(), ITS_DRIVER, DRIVER),
            ("an executor", executor(), ITS_DRIVER, DRIVER),
            ("a Spark Connect server", connect_server(), OPERATOR, OPERATOR),
        )
    ),
    Completion(
        name="secrets come before a tenant's own init container, and into every container",
        who=ITS_DRIVER,
        does=Create(there(driver(container=_SMALL, initContainers=[_init()], containers=[_SIDECAR]))),
        rule="secret-files",
        field=brought,
        becomes=brings("own", containers=2),
        twin=Create(driver(initContainers=[_init()])),
        twin_who=DRIVER,
        stays=[[["own", pods.IMAGE, []]], [], [[]], [[]]],
    ),
    *(
        Attempt(
            name=f"an init container that reads secrets {name}",
            who=DRIVER,
            does=Create(_forged(**fields)),
            rule="image",
            twin=Create(_forged()),
        )
        for name, fields in (
            ("by another command", {"command": ["/bin/sh", "-c", "sleep 9"]}),
            ("with arguments", {"args": ["x"]}),
            ("and stays", {"restartPolicy": "Always"}),
            ("by another image", {"image": "public.ecr.aws/aws-cli/aws-cli:latest"}),
            ("under another name", {"name": "own"}),
        )
    ),
    Attempt(
        name="what reads secrets as a driver's own container",
        who=DRIVER,
        does=Create(driver(container={"image": AWS_CLI_IMAGE, "name": FETCHER, "command": ["/bin/sh", "-ec", SCRIPT]})),
        rule="image",
        twin=Create(_forged()),
    ),
    *(
        Attempt(
            name=f"a queue whose secrets are {name}",
            who=TENANT_DEPLOYER,
            does=Try("change", _NAMESPACE, _annotated(value)),
            rule="namespace-secrets",
            twin=Try("change", _NAMESPACE, _annotated(SECRETS.splitlines()[0])),
        )
        for name, value in (
            ("values", "WAREHOUSE_PASSWORD=hunter2"),
            ("files elsewhere", f"../../x{SECRETS[SECRETS.index('=') :]}"),
            ("commands", SECRETS.replace("warehouse", "$(id)")),
            ("of another service", "A=arn:aws:s3:::bucket"),
            ("a line too many", f"{SECRETS}\n"),
        )
    ),
    *(
        Completion(
            name=f"a variable of the queue's is what its stack says where a driver {name}",
            who=ITS_DRIVER,
            does=Create(there(driver(container={**_SMALL, "env": environment}, containers=containers))),
            rule="secret-variables",
            field=brought,
            becomes=brings(containers=1 + len(containers)),
            twin=Create(driver(container={"env": environment})),
            twin_who=DRIVER,
            stays=[[], [], [[]], [[None] if environment else []]],
        )
        for name, environment, containers in (
            ("says something else", [{"name": VARIABLE, "value": "hunter2"}, {"name": "X", "value": "1"}], []),
            ("has another container without any", [], [_SIDECAR]),
        )
    ),
    *(
        Attempt(
            name=f"a driver that Kubernetes would write a secret to {name}",
            who=ITS_DRIVER,
            does=Create(there(driver(container={field: wrong(f"$({VARIABLE})")}))),
            rule="secret-texts",
            twin=Create(there(driver(container={field: wrong("$(OTHER)")}))),
        )
        for name, field, wrong in (
            ("as an argument", "args", lambda text: ["driver", "--class", "Pi", "local:///x.jar", text]),
            ("in its command", "command", lambda text: ["sh", "-c", f"echo {text}"]),
            ("in another variable", "env", lambda text: [{"name": "A", "value": f"x{text}"}]),
        )
    ),
    Attempt(
        name="a sidecar that Kubernetes would write a secret to",
        who=ITS_DRIVER,
        does=Create(there(driver(container=_SMALL, containers=[{**_SIDECAR, "args": [f"--login=$({VARIABLE})"]}]))),
        rule="secret-texts",
        twin=Create(there(driver(container=_SMALL, containers=[{**_SIDECAR, "args": ["--login=$(OTHER)"]}]))),
    ),
    *(
        Attempt(
            name=f"a queue whose secret is {name}",
            who=TENANT_DEPLOYER,
            does=Try("change", _NAMESPACE, _annotated(value, names.VARIABLES_ANNOTATION)),
            rule="namespace-secret-variables",
            twin=Try("change", _NAMESPACE, _annotated(IN_ENVIRONMENT, names.VARIABLES_ANNOTATION)),
        )
        for name, value in (
            ("a variable's value", "KAFKA_LOGIN=hunter2"),
            ("a variable of a file's name", IN_ENVIRONMENT.replace("_", ".")),
            ("the program that the loader loads", IN_ENVIRONMENT.replace(VARIABLE, "LD_PRELOAD")),
            ("where programs are", IN_ENVIRONMENT.replace(VARIABLE, "PATH")),
            ("somebody else's identity in AWS", IN_ENVIRONMENT.replace(VARIABLE, "AWS_ACCESS_KEY_ID")),
            ("Spark's own among others", f"{IN_ENVIRONMENT}\n{IN_ENVIRONMENT.replace(VARIABLE, 'SPARK_HOME')}"),
        )
    ),
    Attempt(
        name="an engineer who would have other secrets read",
        who=pods.ENGINEER,
        does=Ask("PATCH", f"/api/v1/namespaces/{QUEUE}", _annotated("")),
        refused="cannot patch",
        twin=Ask("GET", f"/api/v1/namespaces/{pods.NAMESPACE}/pods"),
    ),
)
