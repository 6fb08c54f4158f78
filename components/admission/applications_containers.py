"""What Kubernetes refuses of an application's containers: their names, images, ports, environment and resources; and of
what pods have beside them.

Source: kubernetes v1.36, pkg/apis/core/validation/validation.go; kubeflow/spark-operator v2.5.2,
internal/webhook/sparkpod_defaulter.go; apache/spark 4.0, deploy/k8s/features/BasicDriverFeatureStep.scala
"""

from __future__ import annotations

from typing import Final

from components.admission.application_pods import CONTAINERS, KEY, ROLES, conf_of, found_rule
from components.admission.application_variables import listed, setting
from components.admission.applications_runs import port_name_wrong
from components.admission.policy import AdmissionRule, Variable, cel_list, cel_text

PULL_POLICIES: Final = ("Always", "IfNotPresent", "Never")
PROTOCOLS: Final = ("SCTP", "TCP", "UDP")
RESTARTS: Final = ("Always", "Never", "OnFailure")
DNS_POLICIES: Final = ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None")
NAMESERVERS: Final = 3
LARGEST_PORT: Final = 65_535
SPARK_PORTS: Final = {"driver": ("blockmanager", "driver-rpc-port", "spark-ui"), "executor": ("blockmanager",)}
"""Names of the ports that Spark gives its own container."""
METRICS_PORT: Final = "jmx-exporter"
"""Of the operator, with `monitoring.prometheus`, unless it says another."""
FIELD_PATH: Final = (
    r"^(metadata\.(name|namespace|uid|(labels|annotations)\['[^']+'\])|spec\.(nodeName|serviceAccountName)"
    r"|status\.(hostIPs?|podIPs?))$"
)
VARIABLE_NAME: Final = "^[ -<>-~]+$"
OBJECT_KEY: Final = "^[-._a-zA-Z0-9]+$"
_POLICY_KEY: Final = f"{KEY}container.image.pullPolicy"
_HANDLERS: Final = ("exec", "grpc", "httpGet", "sleep", "tcpSocket")
_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")
_NAME: Final = "c.?name.orValue('')"
_SOURCE: Final = "source.?name.orValue('')"
_KEYED: Final = "map[key].?name.orValue('')"
_WHERE: Final = f"'<role> container ' + {_NAME} + ' ' + "


def no_label(text: str) -> str:
    """Whether a text, a CEL expression, is no label of DNS: small letters, digits and `-`, at most 63."""
    return f"format.dns1123Label().validate({text}).hasValue()"


def _no_object(name: str) -> str:
    return f"format.dns1123Subdomain().validate(string({name})).hasValue()"


def _repeated(texts: str) -> str:
    """Those of a list of texts, a CEL variable, that are in it twice; each as often as it is there."""
    return f"{texts}.filter(one, {texts}.filter(other, other == one).size() > 1)"


def _port_names(where: str, names: str) -> str:
    return f"{names}.filter(name, {port_name_wrong('name')}).map(name, {where}'port named ' + name)"


def _ports(where: str, ports: str) -> str:
    """What is wrong with numbers and protocols of ports."""
    number, protocol = "int(port.?containerPort.orValue(0))", "port.?protocol.orValue('')"
    return (
        f"{ports}.filter(port, {number} < 1 || {number} > {LARGEST_PORT})"
        f".map(port, {where}'port ' + string({number})) "
        f"+ {ports}.filter(port, !({protocol} in {cel_list(['', *PROTOCOLS])}))"
        f".map(port, {where}'port of protocol ' + {protocol})"
    )


def _twice(where: str, names: str) -> str:
    return (
        f"[{names}].map(names, {_repeated('names')}.map(name, {where}'two ports named ' + name)).flatten()"
        # Each of them names the other.
        ".distinct()"
    )


def _environment(where: str, variables: str, sources: str) -> str:
    """What is wrong with a container's `env` and `envFrom`."""
    value = "e.valueFrom"
    wrong = (
        f"!e.?name.orValue('').matches({cel_text(VARIABLE_NAME)}) "
        "|| (has(e.valueFrom) && e.valueFrom != null && (string(e.?value.orValue('')) != '' || size(e.valueFrom) != 1 "
        f"|| (has({value}.fieldRef) && !{value}.fieldRef.?fieldPath.orValue('').matches({cel_text(FIELD_PATH)})) "
        f"|| [{value}.?secretKeyRef, {value}.?configMapKeyRef].exists(source, source.hasValue() "
        f"&& (!string(source.?key.orValue('')).matches({cel_text(OBJECT_KEY)}) "
        f"|| {_no_object(_SOURCE)}))))"
    )
    from_whole = (
        "[e.?secretRef, e.?configMapRef].filter(source, source.hasValue()).size() != 1 "
        "|| [e.?secretRef, e.?configMapRef].exists(source, source.hasValue() "
        f"&& {_no_object(_SOURCE)}) || e.?prefix.orValue('').contains('=')"
    )
    return (
        f"{listed(variables)}.filter(e, {wrong}).map(e, {where}'env ' + e.?name.orValue('')) "
        f"+ {listed(sources)}.filter(e, {from_whole}).map(e, {where}'envFrom')"
    )


def _handlers(where: str, lifecycle: str) -> str:
    return (
        f"['postStart', 'preStop'].filter(when, {lifecycle}[?when].optMap(handler, dyn(handler) != null "
        f"&& {cel_list(_HANDLERS)}.filter(kind, kind in dyn(handler)).size() != 1).orValue(false))"
        f".map(when, {where}'lifecycle.' + when)"
    )


def _amounts(where: str) -> str:
    """Amounts that Kubernetes can't read or that are negative, and limits below what is requested."""
    resources = "c.?resources"
    both = f"[{resources}.?requests.orValue({{}}), {resources}.?limits.orValue({{}})]"
    readable = "isQuantity(string(amounts[key])) && !quantity(string(amounts[key])).isLessThan(quantity('0'))"
    text = "key + '=' + string(amounts[key])"
    below = (
        f"{resources}.?limits[?key].optMap(limit, isQuantity(string(dyn(limit))) && isQuantity(string(amounts[key])) "
        "&& quantity(string(dyn(limit))).isLessThan(quantity(string(amounts[key])))).orValue(false)"
    )
    claims = f"({listed('c.?resources.?claims')}.size() > 0 ? [{where}'resources.claims'] : [])"
    return (
        f"{claims} + {both}.map(amounts, amounts.filter(key, !({readable})).map(key, {where}{text})).flatten() "
        f"+ [{resources}.?requests.orValue({{}})].map(amounts, amounts.filter(key, {below})"
        f".map(key, {where}'limit below ' + {text})).flatten()"
    )


def _probes(where: str) -> str:
    return (
        f"{cel_list(_PROBES)}.filter(probe, c[?probe].optMap(one, dyn(one) != null "
        f"&& {cel_list(_HANDLERS)}.filter(kind, kind in dyn(one)).size() != 1).orValue(false))"
        f".map(probe, {where}probe)"
    )


def _of_each() -> str:
    """What is wrong with each container that an application names."""
    ports = listed("c.?ports")
    names = f"{ports}.map(port, port.?name.orValue('')).filter(name, name != '')"
    parts = (
        f"({no_label(_NAME)} ? [{_WHERE}'whose name is no label of DNS'] : [])",
        f"(c.?imagePullPolicy.orValue('') in {cel_list(['', *PULL_POLICIES])} ? [] "
        f": [{_WHERE}'imagePullPolicy=' + c.imagePullPolicy])",
        f"(c.?restartPolicy.orValue('') in {cel_list(['', *RESTARTS])} ? [] "
        f": [{_WHERE}'restartPolicy=' + c.restartPolicy])",
        _ports(_WHERE, ports),
        _port_names(_WHERE, names),
        _twice(_WHERE, names),
        _environment(_WHERE, "c.?env", "c.?envFrom"),
        _handlers(_WHERE, "c.?lifecycle"),
        _probes(_WHERE),
    )
    return f"variables.<role>_containers.map(c, {' + '.join(parts)}).flatten()"


def _beside_spark() -> str:
    """What is wrong with containers but Spark's own, to which Spark gives an image and sizes."""
    once = f"{cel_list(['lifecycle', *_PROBES])}.filter(field, c[?field].optMap(one, one != null).orValue(false))"
    no_image = f"(c.?image.orValue('') == '' ? [{_WHERE}'without an image'] : [])"
    others = "variables.<role>_sidecars + variables.<role>_initial"
    sized = "(variables.connect && '<role>' == 'driver') || c in variables.<role>_initial"
    return (
        f"({others}).map(c, {_amounts(_WHERE)}).flatten() "
        # A Spark Connect server's own container has the image of the whole.
        f"+ ({others}).filter(c, !({sized} && {_NAME} == '{{spark}}')).map(c, {no_image}).flatten() "
        f"+ variables.<role>_initial.map(c, {once}.map(field, {_WHERE}field + ' before the others')).flatten()"
    )


def _names(role: str) -> str:
    """Names of two containers; one that comes twice with the same image, the operator adds once."""
    spark = CONTAINERS[role]
    template = f"variables.{role}_in_template"
    pair = "c.?name.orValue('') + ' ' + c.?image.orValue('')"
    lasting = (
        f"({template}.size() == 0 ? ['{spark} '] : []) "
        f"+ ({template} + {listed(f'variables.{role}.?sidecars')}).map(c, {pair})"
    )
    first = f"variables.{role}_init.map(c, {pair})"
    return (
        f"[(({lasting}).distinct() + ({first}).distinct()).map(pair, pair.split(' ')[0])]"
        f".map(names, {_repeated('names')}.map(name, '{role} containers named ' + name)).flatten().distinct()"
    )


def _own(role: str) -> str:
    """What is wrong with what fields and settings give Spark's own container."""
    where = f"'{role} ' + "
    ports = listed(f"variables.{role}.?ports")
    said = "variables.spec.?monitoring.?prometheus"
    metrics = (
        f"({said}.hasValue() && variables.spec.monitoring.?expose{role.title()}Metrics.orValue(false) "
        f"? [{said}.?portName.orValue('{METRICS_PORT}')] : [])"
    )
    names = f"{cel_list(SPARK_PORTS[role])} + {ports}.map(port, port.?name.orValue('')).filter(n, n != '') + {metrics}"
    secret_keys = conf_of(f"{KEY}{role}.secretKeyRef.")
    references = f"variables.{role}.?envSecretKeyRefs.orValue({{}})"
    return " + ".join(
        (
            _ports(where, ports),
            _port_names(where, metrics),
            _twice(where, f"variables.connect ? [] : {names}"),
            _environment(where, f"variables.{role}.?env", f"variables.{role}.?envFrom"),
            _handlers(where, f"variables.{role}.?lifecycle"),
            f"[{references}].map(map, map.filter(key, {_no_object(_KEYED)} "
            f"|| !map[key].?key.orValue('').matches({cel_text(OBJECT_KEY)}))"
            f".map(key, {where}'envSecretKeyRefs.' + key)).flatten()",
            f"[{secret_keys}].map(map, map.filter(key, string(map[key]).split(':').size() != 2)"
            f".map(key, '{KEY}{role}.secretKeyRef.' + key + '=' + string(map[key]))).flatten()",
        )
    )


def _pod(role: str) -> str:
    """What is wrong with what a pod has beside its containers."""
    pod = f"variables.{role}_pod"
    places = (f"variables.{role}", pod)
    aliases = " + ".join(listed(f"{place}.?hostAliases") for place in places)
    servers = ", ".join(f"{listed(f'{place}.?dnsConfig.?nameservers')}.map(one, string(one))" for place in places)
    policy, hostname = f"{pod}.?dnsPolicy.orValue('')", f"string({pod}.?hostname.orValue('a'))"
    wrong = (
        (f"!({policy} in {cel_list(['', *DNS_POLICIES])})", f"'dnsPolicy=' + string({policy})"),
        (f"{policy} == 'None' && !has({pod}.dnsConfig)", "'dnsPolicy=None without dnsConfig'"),
        (f"{pod}.?activeDeadlineSeconds.orValue(1) < 1", "'activeDeadlineSeconds'"),
        (no_label(hostname), "'hostname'"),
        (f"{listed(f'{pod}.?topologySpreadConstraints')}.exists(one, one.?maxSkew.orValue(0) < 1)", "'maxSkew'"),
    )
    fields = " + ".join(f"({condition} ? ['{role} ' + {text}] : [])" for condition, text in wrong)
    return (
        f"({aliases}).map(one, string(one.?ip.orValue(''))).filter(ip, !isIP(ip)).map(ip, '{role} hostAliases ' + ip) "
        f"+ [{servers}].map(servers, servers.size() > {NAMESERVERS} || servers.exists(one, !isIP(one)) "
        f"? ['{role} nameservers ' + servers.join(' ')] : []).flatten() + {fields}"
    )


_POLICIES: Final = (
    f"[string(variables.spec.?imagePullPolicy.orValue('')), string({setting(_POLICY_KEY)}.orValue(''))]"
    f".filter(policy, !(policy in {cel_list(['', *PULL_POLICIES])})).map(policy, 'imagePullPolicy=' + policy)"
)


def _of_role(role: str) -> str:
    each = f"{_of_each()} + {_beside_spark().replace('{spark}', CONTAINERS[role])}".replace("<role>", role)
    return f"{each} + {_names(role)} + {_own(role)} + {_pod(role)}"


CONTAINER_RULES: Final[tuple[tuple[Variable, AdmissionRule], ...]] = (
    found_rule(
        "application-containers",
        " + ".join((*map(_of_role, ROLES), _POLICIES)),
        "Kubernetes takes containers of an image and of one name each (small letters, digits and '-'), limits no less "
        "than what is requested, ports from 1 to 65535 with a protocol and a name of their own (at most 15 small "
        "letters, digits and '-'), variables with a value or one source, handlers of one kind, and none of init "
        "containers that end; aliases and up to 3 name servers are addresses",
        f"'imagePullPolicy {', '.join(PULL_POLICIES)}; protocols {', '.join(PROTOCOLS)}'",
    ),
)
