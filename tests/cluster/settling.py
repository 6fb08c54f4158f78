"""Tells when the API server acts by the admission policies as they are now.

It looks at changes of policies about once a second, and from outside one can't see whether it has.
A canary, a policy that is made after them, shows it: the API server learns of the policies of a kind in their order.

Source: kubernetes v1.36, staging/src/k8s.io/apiserver/pkg/admission/plugin/policy/generic/policy_source.go
"""

from __future__ import annotations

import itertools
import time
from typing import Final

from tests.cluster.api import Api, Object, RefusedError

PREFIX: Final = "canary-"
"""Of the names of all policies made here."""
GROUP: Final = "admissionregistration.k8s.io/v1"
LABEL: Final = "elastic-spark-tests/canary"
SEEN: Final = "elastic-spark-tests/seen"
SETTLE_SECONDS: Final = 30
POLL_SECONDS: Final = 0.03
CONFIG_MAP: Final = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "canary", "namespace": "default", "labels": {LABEL: "true"}, "annotations": {"canary": ""}},
}


class Canary:
    """Waits for changed policies. Not for several threads.

    Args:
        api: as somebody who may write policies.
    """

    def __init__(self, api: Api) -> None:
        self._api = api
        self._counter = itertools.count(1)
        self._last: list[Object] = []

    def settle(self) -> None:
        """Wait until all changes of policies and bindings before this call are in effect.

        Raises:
            TimeoutError: they are not after SETTLE_SECONDS.
        """
        self.leave()
        name = f"{PREFIX}{next(self._counter)}"
        self._last = canary(name, f"'{name}'")
        for thing in self._last:
            self._api.create(thing)
        wait_for_song(self._api, name)

    def leave(self) -> None:
        """Take the canary away, so that another can be heard."""
        for thing in reversed(self._last):
            self._api.delete(thing)
        self._last = []


def canary(name: str, song: str, param_kind: Object | None = None, param_ref: Object | None = None) -> list[Object]:
    """A mutating and a validating policy with their bindings that let a request hear a text.

    Args:
        name: of them all.
        song: a CEL expression that gives the text.
        param_kind: of both policies, if they have parameters.
        param_ref: of both bindings, if they have.
    """
    where = f"'/metadata/annotations/' + jsonpatch.escapeKey('{SEEN}')"
    patch = f"[JSONPatch{{op: 'add', path: {where}, value: {song}}}]"
    heard = f"'<' + {song} + '> and <' + object.metadata.annotations[?'{SEEN}'].orValue('') + '>'"
    mutations = [{"patchType": "JSONPatch", "jsonPatch": {"expression": patch}}]
    kind = {"paramKind": param_kind} if param_kind else {}
    ref = {"paramRef": param_ref} if param_ref else {}
    return [
        _policy("Mutating", name, {"reinvocationPolicy": "Never", "mutations": mutations, **kind}),
        _policy("Validating", name, {"validations": [{"expression": "false", "messageExpression": heard}], **kind}),
        _binding("Mutating", name, ref),
        _binding("Validating", name, {"validationActions": ["Deny"], **ref}),
    ]


def wait_for_song(api: Api, text: str) -> None:
    """Wait until both policies of a canary give this text.

    Raises:
        TimeoutError: they don't within SETTLE_SECONDS.
    """
    end = time.monotonic() + SETTLE_SECONDS
    while True:
        try:
            api.create(CONFIG_MAP, dryRun="All")
        except RefusedError as error:
            if f"<{text}> and <{text}>" in error.message:
                return
        if time.monotonic() > end:
            raise TimeoutError(f"changed policies are not in effect after {SETTLE_SECONDS} s")
        time.sleep(POLL_SECONDS)


def _policy(kind: str, name: str, spec: Object) -> Object:
    return {
        "apiVersion": GROUP,
        "kind": f"{kind}AdmissionPolicy",
        "metadata": {"name": name},
        "spec": {
            "failurePolicy": "Fail",
            "matchConstraints": {
                "objectSelector": {"matchLabels": {LABEL: "true"}},
                "resourceRules": [
                    {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]}
                ],
            },
            **spec,
        },
    }


def _binding(kind: str, name: str, spec: Object) -> Object:
    return {
        "apiVersion": GROUP,
        "kind": f"{kind}AdmissionPolicyBinding",
        "metadata": {"name": name},
        "spec": {"policyName": name, **spec},
    }
