"""What else would keep an application from running, or from going when it has: names, shells, closed ports, its end."""

from __future__ import annotations

from typing import Final

from components.admission.application_pods import KEY, found_rule
from components.admission.application_variables import SCHEDULED, setting
from components.admission.pod_variables import of_namespace
from components.admission.policy import AdmissionRule, Variable, cel_text
from sizing import names

LABEL_LENGTH: Final = 63
RUN_SUFFIX: Final = 20
"""Characters that the operator puts behind a schedule's name for each run: a dash and nanoseconds since 1970.

Source: kubeflow/spark-operator v2.5.2, internal/controller/scheduledsparkapplication/controller.go (formatTimestamp)
"""
METRICS_SUFFIX: Final = len("-prom-conf-vol")
"""Behind the name of an application with `monitoring.prometheus`: the volume with its configuration, a label of DNS."""
SERVER_SUFFIX: Final = len("-server")
"""Behind that of a Spark Connect server: its pod and its service."""
NAME: Final = "^[a-z]([-a-z0-9]*[a-z0-9])?$"
"""Of an application, to the operator's webhook: a label of DNS as in RFC 1035."""
POD_NAME_LENGTH: Final = 253
PREFIX_LENGTH: Final = 237
"""Of executors' names: Spark adds `-exec-` and a number (apache/spark 4.0, deploy/k8s/Config.scala)."""
PORT_NAME: Final = "^([a-z0-9]+-)*[a-z0-9]+$"
PORT_NAME_LENGTH: Final = 15
LONGEST_DAYS: Final = 30
SECONDS_A_DAY: Final = 24 * 60 * 60
CELEBORN: Final = "spark.celeborn.master.endpoints"
CELEBORN_PORT: Final = 9097
"""Of a Celeborn master that is named without one."""
SHELL_SAFE: Final = r"^[A-Za-z0-9_@%+=:,./#*?!^~\[\]-]*$"
"""Letters that bash leaves as they are in `--conf name=value`: no blanks, quotes, `$`, `{`, `;`, `&`, `<`, `(`, `\\`.

No file is called like a setting, so that what could be a pattern of files stays.
"""
SHELL_QUOTED: Final = "^'[^']*'$"

_NAME: Final = "object.metadata.?name.orValue('')"
_PROMETHEUS: Final = "has(variables.spec.monitoring) && has(variables.spec.monitoring.prometheus)"
_SUFFIXES: Final = (
    f"(object.kind == '{SCHEDULED}' ? {RUN_SUFFIX} : variables.connect ? {SERVER_SUFFIX} : 0) "
    f"+ ({_PROMETHEUS} ? {METRICS_SUFFIX} : 0)"
)
_PORTS: Final = f"{of_namespace(names.PORTS_ANNOTATION)}.split(',')"
_HERE: Final = "('.' + namespaceObject.metadata.name + '.svc')"


def _pod_name(what: str, value: str, longest: int) -> str:
    text = f"{value}.orValue('')"
    wrong = f"size(name) > {longest} || format.dns1123Subdomain().validate(name).hasValue()"
    return f"[string({text})].filter(name, name != '' && ({wrong})).map(name, '{what}=' + name)"


def port_name_wrong(name: str) -> str:
    """Whether a text, a CEL expression, is no name of a port."""
    return f"(!{name}.matches('{PORT_NAME}') || !{name}.matches('[a-z]') || size({name}) > {PORT_NAME_LENGTH})"


def _port_names(role: str) -> str:
    wrong = port_name_wrong("name")
    return (
        f"variables.{role}.?ports.orValue([]).map(port, port.?name.orValue(''))"
        f".filter(name, name != '' && ({wrong})).map(name, '{role} port ' + name)"
    )


def _addresses() -> str:
    """Addresses in settings as `host:port`: in URLs of any kind, and Celeborn's own list."""
    in_urls = (
        "variables.conf.map(key, string(variables.conf[key])).filter(value, value.contains('://'))"
        r".map(value, value.findAll('://[^/,;?\\s:@]+:[0-9]{1,5}')).flatten().map(found, found.substring(3))"
    )
    of_celeborn = (
        f"{setting(CELEBORN)}.orValue('').split(',').map(part, part.trim()).filter(part, part != '')"
        f".map(part, part.contains(':') ? part : part + ':{CELEBORN_PORT}')"
    )
    return f"{in_urls} + {of_celeborn}"


RUN_VARIABLES: Final = (Variable("addresses", _addresses()),)
RUN_RULES: Final[tuple[tuple[Variable, AdmissionRule], ...]] = (
    found_rule(
        "application-name",
        f"(size({_NAME}) + {_SUFFIXES} > {LABEL_LENGTH} ? [{_NAME} + ', of ' + string(size({_NAME})) + ' letters'] "
        f": []) + ({_NAME} == '' || {_NAME}.matches('{NAME}') ? [] : ['metadata.name=' + {_NAME}]) + "
        + " + ".join(
            (
                _pod_name("driver.podName", "variables.driver.?podName", POD_NAME_LENGTH),
                _pod_name(f"{KEY}driver.pod.name", setting(f"{KEY}driver.pod.name"), POD_NAME_LENGTH),
                _pod_name(f"{KEY}executor.podNamePrefix", setting(f"{KEY}executor.podNamePrefix"), PREFIX_LENGTH),
                _port_names("driver"),
                _port_names("executor"),
            )
        ),
        "names leave room for what the Spark operator puts behind them (20 letters for each run of a schedule, 14 with "
        "monitoring.prometheus, 7 for a Spark Connect server), and are such as Kubernetes takes: an application's of "
        "small letters, digits and '-', a letter first; of pods, small letters, digits, '-' and '.', "
        f"of ports at most {PORT_NAME_LENGTH} small letters, digits and '-'",
        f"string({LABEL_LENGTH} - ({_SUFFIXES})) + ' letters for this name'",
    ),
    found_rule(
        "application-shell",
        "!variables.connect ? [] : (variables.conf.map(key, key + '=' + string(variables.conf[key])) "
        "+ variables.spec.?hadoopConf.orValue({}).map(key, key + '=' + string(variables.spec.hadoopConf[key])))"
        f".filter(text, !text.matches({cel_text(SHELL_SAFE)}) "
        f"&& !(text.split('=')[0].matches({cel_text(SHELL_SAFE)}) "
        f"&& text.substring(text.indexOf('=') + 1).matches({cel_text(SHELL_QUOTED)})))",
        "a shell starts a Spark Connect server, and takes blanks, quotes, '$', '{', ';' and the like in its settings "
        "for its own: put such a value into single quotes, as in spark.driver.extraJavaOptions: \"'-Da=1 -Db=2'\"",
    ),
    found_rule(
        "application-ports",
        f"variables.addresses.filter(address, !address.split(':')[0].endsWith({_HERE}) "
        f"&& !address.split(':')[0].contains({_HERE} + '.') "
        "&& !(address.split(':')[0] in ['localhost', '127.0.0.1']) "
        f"&& (!(address.split(':')[1] in {_PORTS}) || address.matches('[.]svc([.]cluster[.]local)?:')))",
        "network policies let pods of a queue reach each other, and the world by some ports: all else is closed, "
        "services of other namespaces too",
        f"'ports ' + {of_namespace(names.PORTS_ANNOTATION)}",
    ),
    found_rule(
        "application-kept",
        "variables.connect ? [] : [variables.spec.?timeToLiveSeconds.orValue(1)]"
        f".filter(seconds, seconds < 1 || seconds > {LONGEST_DAYS * SECONDS_A_DAY})"
        ".map(seconds, 'timeToLiveSeconds=' + string(seconds))",
        f"an application that ended goes after at most {LONGEST_DAYS} days, and its logs and history stay: leave "
        "timeToLiveSeconds out, or set a number of seconds",
        f"'1 to {LONGEST_DAYS * SECONDS_A_DAY}'",
    ),
)
