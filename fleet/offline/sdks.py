"""Loads what programs use of the SDKs, before they run, and in half the time.

Half of what loading an SDK takes goes to evaluating the annotations of classes, thousands of them, of which a program
meets a few dozen. So their modules are compiled here as if each began with `from __future__ import annotations`: an
annotation stays text until `typing.get_type_hints` asks for it, by which the Pulumi SDK reads all of them. From Python
3.14 on every module is compiled so. Docstrings, a third of the bytecode, are left out too (there are no asserts, which
would go with them). This bytecode is kept beside the usual one, which the engine's runs use.
"""

from __future__ import annotations
import __future__

import gc
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any, Final

KUBERNETES_MODULES: Final = (
    "pulumi_kubernetes.admissionregistration.v1",
    "pulumi_kubernetes.apiextensions",
    "pulumi_kubernetes.apiextensions.v1",
    "pulumi_kubernetes.batch.v1",
    "pulumi_kubernetes.core.v1",
    "pulumi_kubernetes.helm.v3",
    "pulumi_kubernetes.networking.v1",
    "pulumi_kubernetes.policy.v1",
    "pulumi_kubernetes.rbac.v1",
    "pulumi_kubernetes.scheduling.v1",
    "pulumi_kubernetes.storage.v1",
)
AWS_MODULES: Final = (
    "pulumi_aws.autoscaling",
    "pulumi_aws.cloudwatch",
    "pulumi_aws.ec2",
    "pulumi_aws.eks",
    "pulumi_aws.iam",
    "pulumi_aws.kms",
    "pulumi_aws.s3",
    "pulumi_eks",
)
"""What the program uses of the SDKs, whose top-level packages load it only when it is used."""
SDKS: Final = frozenset({"pulumi_aws", "pulumi_eks", "pulumi_kubernetes"})
BYTECODE: Final = "bare"
"""Marks the bytecode, as `x.cpython-311.opt-bare.pyc`."""


def load_sdks(*, aws: bool) -> None:
    """Import what programs use of the SDKs, so that forks of this process have it already.

    Args:
        aws: whether any of them has something in AWS.
    """
    keep_annotations_as_text()
    for name in (*KUBERNETES_MODULES, *(AWS_MODULES if aws else ())):
        # These modules are lazy: one loads when something in it is asked for, as this is that all of them have.
        _ = importlib.import_module(name)._utilities
    # What is there now is never garbage: no fork needs to look at it, nor copies its memory by looking.
    gc.freeze()


def keep_annotations_as_text() -> None:
    """Have modules of the SDKs that are not loaded yet compiled so that annotations stay text until they are read."""
    if sys.version_info < (3, 14) and not any(isinstance(finder, _SdkFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _SdkFinder())


def has_docstrings(module: ModuleType) -> bool:
    """Whether a module was compiled with its docstrings, rather than by this loader or an optimizing Python."""
    return not isinstance(module.__loader__, _SdkLoader) and sys.flags.optimize < 2


class _SdkFinder:
    """Finds the modules inside the SDKs where Python does, for a loader of their own."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if path is None or fullname.partition(".")[0] not in SDKS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and isinstance(spec.loader, SourceFileLoader) and _bytecode_can_be_kept(spec.loader.path):
            spec.loader = _SdkLoader(fullname, spec.loader.path)
        return spec


class _SdkLoader(SourceFileLoader):
    """Compiles a module with its annotations as text and no docstrings, to bytecode in a file of its own."""

    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:  # type: ignore[override]  # noqa: ANN401
        flag = __future__.annotations.compiler_flag
        code: CodeType = compile(data, path, "exec", flags=flag, dont_inherit=True, optimize=2)
        return code

    def get_data(self, path: str) -> bytes:
        return super().get_data(_own_file(path))

    def set_data(self, path: str, data: bytes, *, _mode: int = 0o666) -> None:  # type: ignore[override]
        super().set_data(_own_file(path), data, _mode=_mode)


def _own_file(path: str) -> str:
    """The file for what the import system keeps in `path`: the source, or its bytecode."""
    return _bytecode(importlib.util.source_from_cache(path)) if path.endswith(".pyc") else path


def _bytecode(source: str) -> str:
    return importlib.util.cache_from_source(source, optimization=BYTECODE)


def _bytecode_can_be_kept(source: str) -> bool:
    """Whether it is there, or can be: to compile at each start takes longer than is won."""
    file = _bytecode(source)
    return os.path.exists(file) or (not sys.dont_write_bytecode and os.access(os.path.dirname(file), os.W_OK))


if __name__ == "__main__":
    # As pip does for what it installs, whatever the environment says of bytecode at run time.
    sys.dont_write_bytecode = False
    load_sdks(aws=True)
