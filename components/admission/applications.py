"""What an application of the Spark operator may ask for.

The operator's own pod runs spark-submit for it, so an application is also a program for that pod: what would make it
read, fetch or run something there is refused. What the driver and executors may be, the rules for pods say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from components.admission.application_variables import (
    ALLOCATES,
    APPLICATIONS,
    CHANGED,
    LARGEST,
    SPEC,
    capacity,
    counts,
    first_of,
    listed,
    setting,
)
from components.admission.applications_defaults import application_defaults
from components.admission.applications_pods import POD_RULES, pod_rule_variables
from components.admission.applications_sharing import SHARING_RULES, SHARING_VARIABLES
from components.admission.applications_submitter import SUBMITTER, application_submission
from components.admission.images import image_allowed
from components.admission.pod_variables import OWN_QUEUE
from components.admission.policy import AdmissionRule, Policies, ValidatingPolicy, Variable, cel_list, cel_text
from components.admission.spark_conf import keys_refused, what_is_allowed
from sizing.node_labels import NodeLabels
from sizing.spark.defaults import PACKAGES

SCHEDULER: Final = "yunikorn"
URI: Final = r"^(local:/|s3a://|https://)[^,\s]+$"
"""spark-submit joins lists with commas and takes them apart again, so that one entry could be two."""
PATTERN: Final = r"(?i)^s3a:.*([*?{}\[\]\\]|%(2a|3f|5[bcd]|7[bd]))"
"""An address on S3 with signs of patterns, also as codes: only who may list the bucket could make names of it."""
CONF_URIS: Final = ("spark.archives", "spark.files", "spark.jars", "spark.submit.pyFiles")
COORDINATE: Final = r"^[\w.-]+:[\w.-]+:[\w.-]+$"
COUNTS: Final = (
    "spark.dynamicAllocation.initialExecutors",
    "spark.dynamicAllocation.maxExecutors",
    "spark.dynamicAllocation.minExecutors",
    "spark.executor.instances",
)
DEFAULT_INSTANCES: Final = 2
"""Executors of a job that neither says a number nor has them come and go.

Source: apache/spark 4.0, scheduler/cluster/SchedulerBackendUtils.scala (DEFAULT_NUMBER_EXECUTORS)
"""
_UNSAID: Final = (
    f"!has(variables.executor.instances) && !{setting('spark.executor.instances')}.hasValue() "
    f"&& !variables.allocation.?enabled.orValue(false) && !({ALLOCATES})"
)


@dataclass(frozen=True, kw_only=True)
class ApplicationArgs:
    """What applications may use on a platform.

    Args:
        images: that may run, see `components.admission.images`.
        packages: Maven groups, or artifacts as `group:artifact`, that jobs may ask for. They are loaded in the
            operator's pod: each group is trusted like the operator itself.
        conf_keys: Spark settings that jobs may bring beside those of `components.admission.spark_settings_rows`; a
            name that ends with a dot stands for all that start so.
        region: of the platform in AWS, or `None`.
        events_bucket: the platform's bucket of event logs, or `None` where there is none.
        driver_nodes: the labels of the driver pool's nodes; empty where they are somebody else's.
        kept_seconds: how long an application that ended stays, if it doesn't say.
    """

    images: Sequence[str]
    packages: Sequence[str]
    conf_keys: Sequence[str]
    region: str | None
    events_bucket: str | None
    driver_nodes: NodeLabels
    kept_seconds: int


def application_policies(args: ApplicationArgs) -> Policies:
    """The policies for SparkApplication, ScheduledSparkApplication and SparkConnect."""
    return Policies(
        mutating=(
            application_defaults(args.region, args.events_bucket),
            application_submission(args.kept_seconds),
        ),
        validating=(_application_rules(args), SUBMITTER),
    )


def _application_rules(args: ApplicationArgs) -> ValidatingPolicy:
    images, packages = ", ".join(sorted(args.images)), ", ".join(sorted(args.packages))
    return ValidatingPolicy(
        name="elastic-spark-applications",
        match=APPLICATIONS,
        conditions=(CHANGED,),
        all_at_once=True,
        variables=(
            *SPEC,
            *capacity(),
            *_variables(args),
            *SHARING_VARIABLES,
            *pod_rule_variables(args.driver_nodes),
        ),
        rules=(
            AdmissionRule(
                "application-mode",
                "variables.spec.?mode.orValue('cluster') == 'cluster'",
                "mode is cluster: in client mode the driver would run in the Spark operator's pod",
                "variables.spec.mode",
            ),
            AdmissionRule(
                "application-main-class",
                # To find the class of a jar, spark-submit would fetch it, from wherever the operator's pod can.
                "(variables.main_class != '' || variables.connect || variables.main_file.matches('[.](py|R)$')) "
                "&& (!variables.main_class.startsWith('org.apache.spark.') "
                "|| variables.main_class.startsWith('org.apache.spark.examples.'))",
                "mainClass names the program of a jar, and one of yours: with some of Spark's own, spark-submit takes "
                "a job's arguments as its options",
                "variables.main_class",
            ),
            AdmissionRule(
                "application-images",
                "variables.images_refused.size() == 0",
                f"images are one of, or below: {images}",
                "variables.images_refused.join(', ')",
            ),
            AdmissionRule(
                "application-uris",
                "variables.uris_refused.size() == 0",
                "files are local:///PATH in the image, s3a://BUCKET/KEY or https://HOST/PATH, without commas or blanks",
                "variables.uris_refused.join(' ')",
            ),
            AdmissionRule(
                "application-deps",
                # A Spark Connect server looks them up by itself, with the S3A and the rights of its queue.
                "variables.connect || variables.patterns.size() == 0",
                "dependencies on S3 are named one by one, without *, ?, {}, [] and \\: before the job is there, nobody "
                "lists a queue's data",
                "variables.patterns.join(' ')",
            ),
            AdmissionRule(
                "application-packages",
                "variables.packages_refused.size() == 0",
                f"packages are group:artifact:version, of: {packages}; put others into the image",
                "variables.packages_refused.join(' ')",
            ),
            AdmissionRule(
                "application-repositories",
                "variables.spec.?deps.?repositories.orValue([]).size() == 0",
                "packages come from Maven Central: what another repository holds would run in the Spark operator's pod",
                "variables.spec.deps.repositories.join(' ')",
            ),
            AdmissionRule(
                "application-conf",
                "variables.keys_refused.size() == 0",
                "these settings are not the job's to make: use the fields of the spec, or ask the platform's engineers",
                what_is_allowed("variables.keys_refused"),
            ),
            AdmissionRule(
                "application-executors",
                "variables.executors.all(count, count <= variables.capacity)",
                "there are at most as many executors as the queue can hold at its maximum, and as it gives one job",
                "variables.executors.map(count, string(count)).join(', ') + ' of ' + string(variables.capacity) "
                "+ ': the queue holds ' + string(variables.held) "
                f"+ (variables.a_job == {LARGEST} ? '' : ', a job may have ' + string(variables.a_job))",
            ),
            AdmissionRule(
                "application-scheduler",
                f"variables.spec.?batchScheduler.orValue('{SCHEDULER}') == '{SCHEDULER}' "
                f"&& {first_of('variables.spec.?batchSchedulerOptions.?queue', OWN_QUEUE)} == {OWN_QUEUE}",
                "YuniKorn schedules queues, each namespace's in its own queue: leave batchScheduler and "
                "batchSchedulerOptions.queue out",
                f"variables.spec.?batchScheduler.orValue('{SCHEDULER}') + ', ' "
                f"+ {first_of('variables.spec.?batchSchedulerOptions.?queue', OWN_QUEUE)} "
                f"+ '; allowed: {SCHEDULER}, ' + {OWN_QUEUE}",
            ),
            AdmissionRule(
                "application-namespace",
                "variables.namespaces.all(name, name == namespaceObject.metadata.name)",
                "what comes of an application is in its own namespace: leave metadata.namespace out of templates",
                "variables.namespaces.join(', ')",
            ),
            AdmissionRule(
                "application-services",
                "variables.spec.?sparkUIOptions.?serviceType.orValue('ClusterIP') == 'ClusterIP' "
                "&& variables.driver.?service.?spec.?type.orValue('ClusterIP') == 'ClusterIP' "
                "&& variables.spec.?driverIngressOptions.orValue([]).size() == 0",
                "services are of type ClusterIP, without ingresses: what runs in a queue is reached from the queue",
            ),
            *SHARING_RULES,
            *POD_RULES,
        ),
    )


def _variables(args: ApplicationArgs) -> tuple[Variable, ...]:
    containers = " + ".join(_containers(pod) for pod in ("variables.driver", "variables.executor"))
    volumes = " + ".join(
        listed(field)
        for field in (
            "variables.spec.?volumes",
            "variables.driver.?template.?spec.?volumes",
            "variables.executor.?template.?spec.?volumes",
        )
    )
    trusted = cel_list([f"{name}:" for name in sorted(args.packages)])
    return (
        Variable(
            "namespaces",
            "["
            + ", ".join(
                f"{pod}.?{part}.?metadata.?namespace.orValue('')"
                for pod in ("variables.driver", "variables.executor")
                for part in ("template", "service")
            )
            + "].filter(name, name != '')",
        ),
        Variable("main_class", "variables.spec.?mainClass.orValue('')"),
        Variable("main_file", "variables.spec.?mainApplicationFile.orValue('')"),
        Variable(
            "images",
            "[variables.spec.?image.orValue(''), variables.driver.?image.orValue(''), "
            "variables.executor.?image.orValue('')].filter(image, image != '') "
            f"+ ({containers}).map(container, container.?image.orValue('')).filter(image, image != '') "
            f"+ ({volumes}).map(volume, volume.?image.?reference.orValue('')).filter(image, image != '')",
        ),
        Variable("images_refused", f"variables.images.filter(image, !{image_allowed(args.images, 'image')})"),
        Variable(
            "deps",
            " + ".join(f"variables.spec.?deps.?{field}.orValue([])" for field in ("jars", "files", "pyFiles"))
            + " + variables.spec.?deps.?archives.orValue([]) + "
            + " + ".join(_parts(key) for key in CONF_URIS),
        ),
        Variable("patterns", f"variables.deps.filter(uri, uri.matches({cel_text(PATTERN)}))"),
        Variable("uris", "(variables.connect ? [] : [variables.main_file]) + variables.deps"),
        Variable("uris_refused", f"variables.uris.filter(uri, !uri.matches({cel_text(URI)}))"),
        Variable("packages", f"variables.spec.?deps.?packages.orValue([]) + {_parts(PACKAGES)}"),
        Variable(
            "packages_refused",
            f"variables.packages.filter(name, !name.matches({cel_text(COORDINATE)}) "
            f"|| !{trusted}.exists(start, name.startsWith(start)))",
        ),
        # The operator puts the prefix before each of hadoopConf, and for Spark Connect only where it is missing.
        Variable(
            "keys",
            "variables.conf.map(key, key) + variables.spec.?hadoopConf.orValue({})"
            ".map(key, key.startsWith('spark.hadoop.') ? key : 'spark.hadoop.' + key)",
        ),
        Variable("keys_refused", keys_refused("variables.keys", args.conf_keys)),
        Variable(
            "executors",
            "([variables.executor.?instances.orValue(0), variables.allocation.?initialExecutors.orValue(0), "
            "variables.allocation.?minExecutors.orValue(0), variables.allocation.?maxExecutors.orValue(0)] "
            f"+ {counts(COUNTS)} + ({_UNSAID} ? [{DEFAULT_INSTANCES}] : [])).filter(count, count > 0)",
        ),
    )


def _containers(pod: str) -> str:
    return " + ".join(
        listed(f"{pod}.?{field}")
        for field in ("sidecars", "initContainers", "template.?spec.?containers", "template.?spec.?initContainers")
    )


def _parts(key: str) -> str:
    """The parts of a setting that is a list with commas."""
    return f"{setting(key)}.orValue('').split(',').map(part, part.trim()).filter(part, part != '')"
