"""What an application of the Spark operator gets from its platform and its queue.

Defaults are added one by one where the application says nothing. Some values are the queue's alone, and win.
"""

from __future__ import annotations

from typing import Final

from components.admission.application_variables import (
    ALLOCATES,
    APPLICATIONS,
    CHANGED,
    SCHEDULED,
    SPEC,
    capacity,
    first_of,
    listed,
    setting,
)
from components.admission.applications_runs import SHELL_SAFE
from components.admission.applications_sharing import LANE_OF_SERVER
from components.admission.patches import add, when
from components.admission.pod_variables import of_namespace
from components.admission.policy import MutatingPolicy, Mutation, Variable, cel_list, cel_text
from components.admission.spark_conf import VARIABLES as CONF_VARIABLES
from components.admission.spark_conf import repeated
from components.queue.folder import event_location
from components.queue.queue import DRIVER_ACCOUNT, EXECUTOR_ACCOUNT
from sizing import names
from sizing.spark import defaults as spark_defaults
from sizing.spark.application import OFFICIAL
from sizing.spark.defaults import IVY, IVY_FOLDER, PACKAGES, job_defaults

OFFICIAL_MINOR: Final = OFFICIAL.image.rpartition(".")[0] + "."
"""How the tags start of the Apache project's images that need the packages of `OFFICIAL` to reach S3."""
DRIVER_CONTAINER: Final = "spark-kubernetes-driver"
EXECUTOR_CONTAINER: Final = "spark-kubernetes-executor"
"""The containers of templates that the operator makes a Spark Connect server of, and has Spark make the others of.

Source: kubeflow/spark-operator v2.5.2, internal/controller/sparkconnect, internal/controller/sparkapplication
"""
ALLOCATION: Final = "spark.dynamicAllocation.enabled"
MAXIMUM_EXECUTORS: Final = "spark.dynamicAllocation.maxExecutors"
INSTANCES: Final = "spark.executor.instances"


def application_defaults(region: str | None, events_bucket: str | None) -> MutatingPolicy:
    """The policy that completes applications.

    Args:
        region: of the platform in AWS, or `None`.
        events_bucket: the platform's bucket of event logs, or `None` where there is none.
    """
    defaults = ", ".join(f"{cel_text(k)}: {cel_text(v)}" for k, v in sorted(job_defaults(region).items()))
    fixed = ", ".join(f"{cel_text(key)}: {value}" for key, value in sorted(_fixed(events_bucket).items()))
    return MutatingPolicy(
        name="elastic-spark-applications-defaults",
        match=APPLICATIONS,
        conditions=(CHANGED,),
        variables=(
            *SPEC,
            *capacity(),
            *CONF_VARIABLES,
            Variable("path", f"object.kind == '{SCHEDULED}' ? '/spec/template' : '/spec'"),
            Variable("defaults", f"{{{defaults}}}"),
            Variable("fixed", f"{{{fixed}}}"),
            Variable("of_queue", _settings_of_queue()),
        ),
        mutations=(
            # Nothing can be added to what isn't there.
            Mutation("application-conf-there", when("!has(variables.spec.sparkConf)", add(_at("/sparkConf"), "{}"))),
            Mutation(
                "application-conf-defaults",
                "variables.defaults.filter(key, !(key in variables.conf) "
                "&& !(key in variables.of_queue)).map(key, "
                f"{add(_conf('key'), _default())})",
            ),
            Mutation("application-conf-queue", _of_queue()),
            Mutation(
                "application-conf-fixed", f"variables.fixed.map(key, {add(_conf('key'), 'variables.fixed[key]')})"
            ),
            Mutation("application-conf-repeated", repeated("variables.path")),
            Mutation("application-allocation", _allocation()),
            Mutation("application-accounts", _accounts()),
            Mutation("application-server-size", _server_size()),
            Mutation("application-template-containers", _template_containers()),
            LANE_OF_SERVER,
            *([Mutation("application-s3-packages", _packages())] if events_bucket else []),
        ),
    )


def _default() -> str:
    """A default, which the shell that starts a Spark Connect server leaves as it is."""
    value = "variables.defaults[key]"
    return f'(variables.connect && !{value}.matches({cel_text(SHELL_SAFE)}) ? "\'" + {value} + "\'" : {value})'


def _fixed(events_bucket: str | None) -> dict[str, str]:
    """Settings that are the queue's alone, as CEL expressions."""
    fixed = {spark_defaults.NAMESPACE: "namespaceObject.metadata.name", IVY: cel_text(IVY_FOLDER)}
    return fixed | ({spark_defaults.EVENT_LOG_FOLDER: _event_location(events_bucket)} if events_bucket else {})


def _event_location(bucket: str) -> str:
    """`components.queue.folder.event_location` of the request's queue, as a CEL expression."""
    tenant = f"namespaceObject.metadata.labels[{cel_text(names.TENANT_LABEL)}]"
    queue = f"namespaceObject.metadata.name.substring(size({tenant}) + 1)"
    marks = {"<tenant>": tenant, "<queue>": queue}
    text = cel_text(event_location(bucket, *marks))
    for mark, expression in marks.items():
        text = text.replace(mark, f'" + {expression} + "')
    return text


def _of_queue() -> str:
    """Settings that the queue's stack gives where the application says nothing; those of `HELD` whatever it says."""
    wanted = f"!(key in variables.conf) || key in {cel_list(sorted(spark_defaults.HELD))}"
    # The value is quoted where a shell would read it, as `application-shell` asks of what users say.
    value = (
        f"(variables.connect && !variables.of_queue[key].matches({cel_text(SHELL_SAFE)}) "
        '? "\'" + variables.of_queue[key] + "\'" : variables.of_queue[key])'
    )
    return f"variables.of_queue.filter(key, {wanted}).map(key, {add(_conf('key'), value)})"


def _settings_of_queue() -> str:
    """The map that `components.queue.annotations.conf_annotation` wrote."""
    lines = f"{of_namespace(names.SPARK_CONF_ANNOTATION)}.split('\\n').filter(line, line != '')"
    return f"{lines}.transformMapEntry(i, line, {{line.split('=', 2)[0]: line.split('=', 2)[1]}})"


def _allocation() -> str:
    """Executors come and go with the work, up to what the queue holds, unless the application names a number."""
    says = f"has(variables.executor.instances) || {setting(INSTANCES)}.hasValue() || {setting(ALLOCATION)}.hasValue()"
    default = "{'enabled': true, 'shuffleTrackingEnabled': true}"
    limit = add(_at("/dynamicAllocation/maxExecutors"), "variables.capacity")
    unbounded = f"!has(variables.allocation.maxExecutors) && !{setting(MAXIMUM_EXECUTORS)}.hasValue()"
    return " + ".join(
        (
            when(
                f"!has(variables.spec.dynamicAllocation) && !({says})", add(_at("/dynamicAllocation"), default), limit
            ),
            when(f"variables.allocation.?enabled.orValue(false) && {unbounded}", limit),
            when(
                f"{ALLOCATES} && {unbounded}",
                add(_conf(cel_text(MAXIMUM_EXECUTORS)), "string(variables.capacity)"),
            ),
        )
    )


def _accounts() -> str:
    """The queue's own. Spark Connect has no fields for them, and the operator refuses them as settings: they are in the
    pods' templates, of which Spark leaves executors the account.

    Source: kubeflow/spark-operator v2.5.2, internal/webhook/sparkconf_validator.go; apache/spark 4.0,
    deploy/k8s/features/ExecutorKubernetesCredentialsFeatureStep.scala
    """
    fields = " + ".join(
        when(f"has(variables.spec.{role})", add(_at(f"/{role}/serviceAccount"), cel_text(name)))
        for role, name in (("driver", DRIVER_ACCOUNT), ("executor", EXECUTOR_ACCOUNT))
    )
    templates = " + ".join(
        _template_account(role, name) for role, name in (("server", DRIVER_ACCOUNT), ("executor", EXECUTOR_ACCOUNT))
    )
    return f"!variables.connect ? {fields} : {templates}"


def _template_account(role: str, account: str) -> str:
    template, found = f"/{role}/template", f"variables.spec.{role}"
    spec = f"{{'serviceAccountName': {cel_text(account)}}}"
    whole, without_spec, there = (
        add(_at(template), f"dyn({{'spec': {spec}}})"),
        add(_at(f"{template}/spec"), f"dyn({spec})"),
        add(_at(f"{template}/spec/serviceAccountName"), cel_text(account)),
    )
    return (
        f"(!has({found}) ? [] : !has({found}.template) ? [{whole}] "
        f": !has({found}.template.spec) ? [{without_spec}] : [{there}])"
    )


def _server_size() -> str:
    """A Spark Connect server that says nothing of its container is as large as the queue's drivers may be.

    The operator gives the container no size by itself, and without a memory limit it would be refused.
    """
    memory = of_namespace(names.DRIVER_MEMORY_ANNOTATION)
    cpu = f"({of_namespace(names.DRIVER_CPU_ANNOTATION)} + 'm')"
    resources = f"{{'requests': {{'cpu': {cpu}, 'memory': {memory}}}, 'limits': {{'memory': {memory}}}}}"
    container = f"{{'name': dyn('{DRIVER_CONTAINER}'), 'resources': dyn({resources})}}"
    return when(
        "variables.connect && has(variables.spec.server) && " + _without_containers("driver"),
        add(_at("/server/template/spec/containers"), f"[{container}]"),
    )


def _template_containers() -> str:
    """A template without a container has null for one once the operator has read it, at which Spark stops.

    Source: apache/spark 4.0, deploy/k8s/KubernetesUtils.scala (selectSparkContainer)
    """
    by_role = (("driver", DRIVER_CONTAINER), ("executor", EXECUTOR_CONTAINER))
    others = " + ".join(_template_container(role, name) for role, name in by_role)
    connect = when(
        "has(variables.spec.executor) && " + _without_containers("executor"),
        add(_at("/executor/template/spec/containers"), f"[{{'name': '{EXECUTOR_CONTAINER}'}}]"),
    )
    return f"variables.connect ? {connect} : {others}"


def _template_container(role: str, name: str) -> str:
    template, containers = f"variables.spec.{role}.template", f"[{{'name': '{name}'}}]"
    whole = add(_at(f"/{role}/template/spec"), f"dyn({{'containers': {containers}}})")
    there = add(_at(f"/{role}/template/spec/containers"), containers)
    return (
        f"(!has(variables.spec.{role}) || !has({template}) || !({_without_containers(role)}) ? [] "
        f": has({template}.spec) ? [{there}] : [{whole}])"
    )


def _without_containers(pod: str) -> str:
    containers = listed(f"variables.{pod}.?template.?spec.?containers")
    return f"{containers}.size() == 0"


def _packages() -> str:
    """Without S3A a job with an event log does not start."""
    # A Spark Connect server's image may be its template's alone.
    containers = listed("variables.driver.?template.?spec.?containers")
    of_server = f"(variables.connect ? {containers}.filter(c, c.?image.orValue('') != '').map(c, c.image) : [])[?0]"
    image = first_of(of_server, "variables.spec.?image", "variables.driver.?image", "''")
    named = f"variables.spec.?deps.?packages.orValue([]).size() > 0 || {setting(PACKAGES)}.hasValue()"
    logs = f"{setting('spark.eventLog.enabled')}.orValue('true') == 'true'"
    return when(
        f"{image}.startsWith({cel_text(OFFICIAL_MINOR)}) && {logs} && !({named})",
        add(_conf(cel_text(PACKAGES)), cel_text(",".join(OFFICIAL.packages))),
    )


def _at(path: str) -> str:
    return f"variables.path + {cel_text(path)}"


def _conf(key: str) -> str:
    return f"variables.path + '/sparkConf/' + jsonpatch.escapeKey({key})"
