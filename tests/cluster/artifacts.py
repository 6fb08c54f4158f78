"""What a team uploads for its jobs: modules in a zip, a packed environment, a jar, a file."""

from __future__ import annotations

import io
import tarfile
import tempfile
import venv
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

CLASS: Final = "acme.Echo"
_INTERFACE: Final = "org/apache/spark/sql/api/java/UDF1"
_OBJECT: Final = "java/lang/Object"
_SIGNATURE: Final = f"L{_OBJECT};L{_INTERFACE}<Ljava/lang/String;Ljava/lang/String;>;"
"""By which Spark knows how many arguments it takes."""


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """An archive of Python modules, or a jar."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def packed_environment(modules: Mapping[str, str]) -> bytes:
    """A virtual environment with these modules, packed as `venv-pack` does it: its folder is the archive's root."""
    content = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, symlinks=True, with_pip=False)
        (packages,) = Path(folder).glob("lib/python*/site-packages")
        for name, text in modules.items():
            (packages / name).write_text(text)
        with tarfile.open(fileobj=content, mode="w:gz") as archive:
            archive.add(folder, arcname=".")
    return content.getvalue()


def jar() -> bytes:
    """A jar with the class `CLASS`, a function of SQL that gives back what it is given."""
    return zipped({f"{CLASS.replace('.', '/')}.class": _class_file()})


def _class_file() -> bytes:
    """As a compiler writes it, of which no machine of the tests has one.

    Source: https://docs.oracle.com/javase/specs/jvms/se17/html/jvms-4.html
    """
    constants: list[bytes] = []

    def constant(tag: int, *parts: bytes) -> int:
        constants.append(bytes([tag]) + b"".join(parts))
        return len(constants)

    def text(value: str) -> int:
        return constant(1, _two(len(value)), value.encode())

    def class_of(name: str) -> int:
        return constant(7, _two(text(name)))

    this, parent, interface = map(class_of, (CLASS.replace(".", "/"), _OBJECT, _INTERFACE))
    code, init, nothing = text("Code"), text("<init>"), text("()V")
    generic, signature = text("Signature"), text(_SIGNATURE)
    call, one_argument = text("call"), text(f"(L{_OBJECT};)L{_OBJECT};")
    parents_init = constant(10, _two(parent), _two(constant(12, _two(init), _two(nothing))))

    def method(name: int, descriptor: int, instructions: bytes, variables: int) -> bytes:
        body = _two(1) + _two(variables) + _four(len(instructions)) + instructions + _two(0) + _two(0)
        return _two(1) + _two(name) + _two(descriptor) + _two(1) + _two(code) + _four(len(body)) + body

    methods = (
        method(init, nothing, b"\x2a\xb7" + _two(parents_init) + b"\xb1", 1),
        method(call, one_argument, b"\x2b\xb0", 2),
    )
    return b"".join(
        (
            b"\xca\xfe\xba\xbe" + _two(0) + _two(52),
            _two(len(constants) + 1),
            *constants,
            _two(0x0021) + _two(this) + _two(parent) + _two(1) + _two(interface),
            _two(0),
            _two(len(methods)),
            *methods,
            _two(1) + _two(generic) + _four(2) + _two(signature),
        )
    )


def _two(number: int) -> bytes:
    return number.to_bytes(2, "big")


def _four(number: int) -> bytes:
    return number.to_bytes(4, "big")
