"""What Pod Security `restricted` refuses of an application's pods, and volumes that no pod of a queue may have.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/; kubernetes v1.36,
k8s.io/pod-security-admission/policy
"""

from __future__ import annotations

from typing import Final

from components.admission.application_pods import KEY, entries, found_rule, of_roles
from components.admission.application_variables import listed
from components.admission.policy import AdmissionRule, Variable, cel_list

PROFILES: Final = ("Localhost", "RuntimeDefault")
SYSCTLS: Final = (
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
)
SE_LINUX_TYPES: Final = ("", "container_engine_t", "container_init_t", "container_kvm_t", "container_t")
CAPABILITIES: Final = ("NET_BIND_SERVICE",)
VOLUMES: Final = (
    "configMap",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
)
"""Kinds of volumes that `restricted` allows, but for those of CSI drivers, which may be any share that nodes reach."""
LOCAL: Final = "spark-local-dir-"
LOCAL_VOLUMES: Final = ("emptyDir", "persistentVolumeClaim")
"""Of these kinds are the operator's volumes for Spark's own files, which it makes settings of."""
SPARKS_OWN: Final = ("hadoop-properties", "spark-conf-volume-driver", "spark-conf-volume-exec")

LARGEST_ID: Final = 2**31 - 1
PROFILE_ANNOTATIONS: Final = (
    "container.apparmor.security.beta.kubernetes.io/",
    "container.seccomp.security.alpha.kubernetes.io/",
    "seccomp.security.alpha.kubernetes.io/",
)
"""How annotations start by which profiles were chosen before there were fields, and which Kubernetes still judges."""
DEFAULT_PROFILE: Final = "runtime/default"
GROUP_POLICIES: Final = ("", "Always", "OnRootMismatch")


def _nameless(profile: str) -> str:
    return f"s.?{profile}.?type.orValue('') == 'Localhost' && s.{profile}.?localhostProfile.orValue('') == ''"


_EITHER: Final = (
    ("runAsNonRoot=false", "!s.?runAsNonRoot.orValue(true)"),
    ("runAsUser=0", "s.?runAsUser.orValue(1) == 0"),
    ("seccompProfile", f"!(s.?seccompProfile.?type.orValue('RuntimeDefault') in {cel_list(PROFILES)})"),
    ("appArmorProfile", f"!(s.?appArmorProfile.?type.orValue('RuntimeDefault') in {cel_list(PROFILES)})"),
    (
        "seLinuxOptions",
        f"!(s.?seLinuxOptions.?type.orValue('') in {cel_list(SE_LINUX_TYPES)}) "
        "|| s.?seLinuxOptions.?user.orValue('') != '' || s.?seLinuxOptions.?role.orValue('') != ''",
    ),
    ("windowsOptions.hostProcess", "s.?windowsOptions.?hostProcess.orValue(false)"),
    *(
        (
            f"{profile} without localhostProfile",
            _nameless(profile),
        )
        for profile in ("seccompProfile", "appArmorProfile")
    ),
    *(
        (
            f"{field} out of range",
            f"s.?{field}.optMap(id, id < 0 || id > {LARGEST_ID}).orValue(false)",
        )
        for field in ("runAsUser", "runAsGroup", "fsGroup")
    ),
)
_OF_PODS: Final = (
    ("sysctls", f"{listed('s.?sysctls')}.exists(one, !(one.name in {cel_list(SYSCTLS)}))"),
    ("fsGroupChangePolicy", f"!(s.?fsGroupChangePolicy.orValue('') in {cel_list(GROUP_POLICIES)})"),
)
_PROFILES: Final = entries(
    "annotations",
    f"{cel_list(PROFILE_ANNOTATIONS)}.exists(start, key.startsWith(start)) && string(map[key]) != '{DEFAULT_PROFILE}'",
)
_OF_CONTAINERS: Final = (
    ("privileged", "s.?privileged.orValue(false)"),
    ("allowPrivilegeEscalation", "s.?allowPrivilegeEscalation.orValue(false)"),
    ("capabilities.add", f"{listed('s.?capabilities.?add')}.exists(one, !(one in {cel_list(CAPABILITIES)}))"),
    (
        "capabilities.drop without ALL",
        f"[{listed('s.?capabilities.?drop')}].exists(drop, drop.size() > 0 && !('ALL' in drop))",
    ),
    ("procMount", "s.?procMount.orValue('Default') != 'Default'"),
)


def _checked(contexts: str, checks: tuple[tuple[str, str], ...]) -> str:
    texts = ", ".join(f"({wrong}) ? '<role> {name}' : ''" for name, wrong in checks)
    return f"({contexts}).filter(s, s != null).map(s, [{texts}]).flatten().filter(text, text != '')"


_POD_CONTEXTS: Final = (
    "[variables.<role>.?podSecurityContext.orValue({}), variables.<role>_pod.?securityContext.orValue({})]"
)
_CONTAINER_CONTEXTS: Final = (
    "[variables.<role>.?securityContext.orValue({})] "
    "+ variables.<role>_containers.map(c, c.?securityContext.orValue({}))"
)
_PROBES: Final = "".join(
    f" || c.?{probe}.?{handler}.?host.orValue('') != ''"
    for probe in (
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "lifecycle.?postStart",
        "lifecycle.?preStop",
    )
    for handler in ("httpGet", "tcpSocket")
)
_LIFECYCLES: Final = " || ".join(
    f"c.?lifecycle.?{when}.?{handler}.?host.orValue('') != ''"
    for when in ("postStart", "preStop")
    for handler in ("httpGet", "tcpSocket")
)
_HOST: Final = (
    "(variables.<role>.?hostNetwork.orValue(false) ? ['<role> hostNetwork'] : []) "
    "+ ['hostNetwork', 'hostPID', 'hostIPC'].filter(field, variables.<role>_pod[?field].orValue(false))"
    ".map(field, '<role> ' + field) "
    f"+ variables.<role>_containers.filter(c, {listed('c.?ports')}.exists(port, port.?hostPort.orValue(0) != 0))"
    ".map(c, '<role> hostPort of ' + c.?name.orValue('')) "
    f"+ variables.<role>_containers.filter(c, {_PROBES.removeprefix(' || ')})"
    ".map(c, '<role> host in a probe of ' + c.?name.orValue('')) "
    f"+ [{{'lifecycle': variables.<role>.?lifecycle.orValue({{}})}}].filter(c, {_LIFECYCLES})"
    ".map(c, '<role> host in lifecycle')"
)
_KINDS: Final = f"volume.filter(kind, kind != 'name' && !(kind in {cel_list(VOLUMES)}))"
_MOUNTS: Final = listed("variables.<role>.?volumeMounts")
_IN_TEMPLATE: Final = listed("variables.<role>_pod.?volumes")
_FAR_LOCAL: Final = (
    f"{_MOUNTS}.filter(mount, mount.name.startsWith('{LOCAL}') && variables.volumes.exists(volume, "
    f"volume.name == mount.name && !{cel_list(LOCAL_VOLUMES)}.exists(kind, kind in volume)))"
    ".map(mount, '<role> ' + mount.name + ' for Spark\\'s own files')"
)
_UNKNOWN_MOUNTS: Final = (
    f"{_MOUNTS}.filter(mount, !variables.volumes.exists(volume, volume.name == mount.name))"
    ".map(mount, '<role> ' + mount.name) "
    f"+ ({listed('variables.<role>.?sidecars')} + variables.<role>_init + variables.<role>_in_template)"
    f".map(c, {listed('c.?volumeMounts')}).flatten().filter(mount, !mount.name.startsWith('{LOCAL}') "
    f"&& !(mount.name in {cel_list(SPARKS_OWN)}) "
    f"&& !{_IN_TEMPLATE}.exists(volume, volume.name == mount.name) "
    f"&& !({_MOUNTS}.exists(other, other.name == mount.name) "
    "&& variables.volumes.exists(volume, volume.name == mount.name)) "
    f"&& !variables.conf.exists(key, key.startsWith('{KEY}<role>.volumes.') "
    "&& key.contains('.' + mount.name + '.mount.')))"
    ".map(mount, '<role> container ' + mount.name)"
)
SECURITY_RULES: Final[tuple[tuple[Variable, AdmissionRule], ...]] = (
    found_rule(
        "application-security",
        f"{of_roles(_checked(_POD_CONTEXTS, (*_EITHER, *_OF_PODS)))} "
        f"+ {of_roles(_checked(_CONTAINER_CONTEXTS, (*_EITHER, *_OF_CONTAINERS)))} + {_PROFILES}",
        "queues are held to Pod Security's level restricted: no root, no privileges, all capabilities dropped, the "
        "runtime's profiles; leave these out, and admission sets them (user 185, and fsGroup is yours to set)",
        "'runAsNonRoot=true, allowPrivilegeEscalation=false, capabilities.drop=ALL, seccompProfile=RuntimeDefault'",
    ),
    found_rule(
        "application-host",
        of_roles(_HOST),
        "pods of queues have nothing of their node: no network, processes, ports or probes of the host",
        "'none'",
    ),
    found_rule(
        "application-volumes",
        f"(variables.volumes + {listed('variables.driver_pod.?volumes')} + {listed('variables.executor_pod.?volumes')})"
        f".filter(volume, {_KINDS}.size() > 0).map(volume, volume.?name.orValue('') + ' ' + {_KINDS}.join(' ')) "
        f"+ {of_roles(_FAR_LOCAL)}",
        f"volumes are of the kinds {', '.join(VOLUMES)}, for Spark's own files ({LOCAL}1 and so on) of "
        f"{' or '.join(LOCAL_VOLUMES)}; where nodes have local disks, Spark's own files are there without any volume",
    ),
    found_rule(
        "application-mounts",
        of_roles(_UNKNOWN_MOUNTS),
        "what is mounted is a volume that the pod has: one of spec.volumes that the driver's or executor's own "
        "volumeMounts name too, one of the template's, or one of Spark's settings",
    ),
)
SECURITY_VARIABLES: Final = (Variable("volumes", listed("variables.spec.?volumes")),)
