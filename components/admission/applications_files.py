"""What Kubernetes refuses of an application's volumes and of where they are mounted.

Source: kubernetes v1.36, pkg/apis/core/validation/validation.go; kubeflow/spark-operator v2.5.2,
internal/webhook/sparkpod_defaulter.go; apache/spark 4.0, deploy/k8s/features/MountSecretsFeatureStep.scala
"""

from __future__ import annotations

from typing import Final

from components.admission.application_pods import CONTAINERS, KEY, ROLES, conf_of, found_rule
from components.admission.application_variables import listed
from components.admission.applications_containers import no_label
from components.admission.applications_security import SPARKS_OWN
from components.admission.policy import AdmissionRule, Variable, cel_list, cel_text
from sizing import names
from sizing.secrets import DIRECTORY

LARGEST_MODE: Final = 0o777
SPARK_VOLUMES: Final = (*SPARKS_OWN, "pod-template-volume")
"""Of Spark's own pods, beside which there is no second of the name."""
CONF_PATH: Final = "/opt/spark/conf"
TEMPLATE_PATH: Final = "/opt/spark/pod-template"
SPARK_PATHS: Final = {"driver": (CONF_PATH, TEMPLATE_PATH), "executor": (CONF_PATH,)}
"""Where Spark mounts its own, and an image has nothing else (`apache/spark` 4.0, deploy/k8s/Constants.scala)."""
LONGEST_NAME: Final = 63
FETCHES: Final = f"namespaceObject.metadata.?labels[?{cel_text(names.SECRETS_LABEL)}].hasValue()"
"""Whether pods of the queue have its secrets mounted, at `DIRECTORY`."""
_FETCHED: Final = f"+ ({FETCHES} ? ['{DIRECTORY}'] : [])"
_AT: Final = f"{listed('c.?volumeMounts')}.map(mount, mount.?mountPath.orValue(''))"
_NAME: Final = "volume.?name.orValue('')"
_KINDS: Final = "volume.filter(kind, kind != 'name' && volume[kind] != null)"
_MODES: Final = " || ".join(
    f"volume.?{kind}.?defaultMode.optMap(mode, mode < 0 || mode > {LARGEST_MODE}).orValue(false)"
    for kind in ("configMap", "downwardAPI", "projected", "secret")
)
_SIZE: Final = "string(volume.?emptyDir.?sizeLimit.orValue(dyn('1')))"
_BAD_SIZE: Final = f"(!isQuantity({_SIZE}) || quantity({_SIZE}).isLessThan(quantity('0')))"


def _volumes(where: str, volumes: str) -> str:
    wrong = (
        f"{no_label(_NAME)} || {_NAME} in {cel_list(SPARK_VOLUMES)}",
        f"{_KINDS}.size() > 1",
        "has(volume.ephemeral) && !has(volume.ephemeral.volumeClaimTemplate)",
        _MODES,
        f"has(volume.emptyDir) && {_BAD_SIZE}",
    )
    texts = ("name", "of more than one kind", "ephemeral without a volumeClaimTemplate", "defaultMode", "sizeLimit")
    each = ", ".join(f"({condition}) ? '{text}' : ''" for condition, text in zip(wrong, texts, strict=True))
    return (
        f"{volumes}.map(volume, [{each}].filter(text, text != '')"
        f".map(text, {where}'volume ' + {_NAME} + ': ' + text)).flatten()"
    )


def _named(role: str) -> str:
    """Secrets and ConfigMaps that the operator and Spark make volumes of, whose names have no dot and an end."""
    secrets = (
        f"({listed(f'variables.{role}.?secrets')}.map(one, one.?name.orValue('')) "
        f"+ [{conf_of(f'{KEY}{role}.secrets.')}].map(map, map.map(key, key)).flatten())"
    )
    maps = f"{listed(f'variables.{role}.?configMaps')}.map(one, one.?name.orValue(''))"
    mounted = "(name + '-volume')"
    # The operator shortens the one, Spark not the other.
    short = f"size(name + '-vol') > {LONGEST_NAME} ? (name + '-vol').substring(0, {LONGEST_NAME}) : name + '-vol'"
    return (
        f"{secrets}.filter(name, {no_label(mounted)}).map(name, '{role} secret ' + name) "
        f"+ {maps}.filter(name, {no_label(f'({short})')}).map(name, '{role} configMap ' + name) "
        f"+ [{maps}].map(names, names.filter(name, names.filter(other, other == name).size() > 1)"
        f".map(name, '{role} configMap ' + name + ' twice')).flatten().distinct()"
    )


def _mounts(where: str, mounts: str) -> str:
    path, inside = "mount.?mountPath.orValue('')", "mount.?subPath.orValue('')"
    wrong = (
        f"{path} == '' || {inside}.startsWith('/') || '..' in {inside}.split('/') "
        f"|| ({inside} != '' && mount.?subPathExpr.orValue('') != '') "
        "|| mount.?mountPropagation.orValue('') == 'Bidirectional'"
    )
    return (
        f"{mounts}.filter(mount, {wrong})"
        f".map(mount, {where}'mount of ' + mount.?name.orValue('') + ' at ' + {path} + ' ' + {inside})"
    )


def _twice(where: str, paths: str) -> str:
    return (
        f"[{paths}].map(paths, paths.filter(path, paths.filter(other, other == path).size() > 1)"
        f".map(path, {where}'two mounts at ' + path)).flatten().distinct()"
    )


def _paths(role: str) -> str:
    """Where something is mounted in Spark's own container."""
    conf = f"{KEY}{role}.volumes."
    own = f"{cel_list(SPARK_PATHS[role])} "
    fields = (
        f"+ {listed(f'variables.{role}.?volumeMounts')}.map(mount, mount.?mountPath.orValue('')) "
        f"+ {listed(f'variables.{role}.?secrets')}.map(one, one.?path.orValue('')) "
        f"+ {listed(f'variables.{role}.?configMaps')}.map(one, one.?path.orValue('')) "
        "+ (has(variables.spec.sparkConfigMap) ? ['/etc/spark/conf'] : []) "
        "+ (has(variables.spec.hadoopConfigMap) ? ['/etc/hadoop/conf'] : []) "
    )
    settings = (
        f"+ [{conf_of(f'{KEY}{role}.secrets.')}].map(map, map.map(key, string(map[key]))).flatten() "
        f"+ variables.conf.map(key, key).filter(key, key.startsWith('{conf}') && key.endsWith('.mount.path'))"
        ".map(key, string(variables.conf[key])) "
    )
    template = f"+ {_sparks_in_template(role)}.map(c, {_AT}).flatten() "
    return f"variables.connect ? [] : {own}{fields}{settings}{template}{_FETCHED}"


def _sparks_in_template(role: str) -> str:
    """Spark's own container of a pod template; where none is called so, it is the first."""
    all_of_it, called = f"variables.{role}_in_template", f"c.?name.orValue('') == {cel_text(CONTAINERS[role])}"
    return (
        f"({all_of_it}.exists(c, {called}) ? {all_of_it}.filter(c, {called}) "
        f": {all_of_it}.transformList(i, c, i == 0, c))"
    )


def _of_role(role: str) -> str:
    where = f"'{role} ' + "
    container = f"'{role} container ' + c.?name.orValue('') + ' ' + "
    mounts = listed("c.?volumeMounts")
    # Init containers have no secrets.
    paths = f"{_AT} + (c in variables.{role}_init || !({FETCHES}) ? [] : ['{DIRECTORY}'])"
    others = f"variables.{role}_containers.map(c, {_mounts(container, mounts)} + {_twice(container, paths)}).flatten()"
    return " + ".join(
        (
            _volumes(where, listed(f"variables.{role}_pod.?volumes")),
            _named(role),
            _mounts(where, listed(f"variables.{role}.?volumeMounts")),
            _twice(where, _paths(role)),
            others,
        )
    )


FILE_RULES: Final[tuple[tuple[Variable, AdmissionRule], ...]] = (
    found_rule(
        "application-files",
        " + ".join((_volumes("", "variables.volumes"), *map(_of_role, ROLES))),
        "volumes are of one kind each and called by small letters, digits and '-', as are secrets and ConfigMaps that "
        f"are mounted by name; each is mounted at a path of its own, and none at {CONF_PATH}, where Spark's own "
        "settings are (use sparkConf or sparkConfigMap)",
    ),
)
