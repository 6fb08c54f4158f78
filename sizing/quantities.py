"""Kubernetes quantities as exact integers: cpu in millicores, memory and storage in bytes.

The grammar is that of k8s.io/apimachinery/pkg/api/resource (`Quantity`): a decimal number followed by a binary suffix
(Ki … Ei), a decimal suffix (n, u, m, k … E) or an exponent (e3). Negative quantities are refused: nothing here is one.
"""

import re
from fractions import Fraction
from typing import Final

KIB: Final = 2**10
MIB: Final = 2**20
GIB: Final = 2**30

_BINARY: Final = {suffix: 1024**power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)}
_DECIMAL_EXPONENT: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_QUANTITY: Final = re.compile(
    r"\+?(?P<number>\d{1,19}(?:\.\d{0,19})?|\.\d{1,19})(?:[eE](?P<exponent>[+-]?\d{1,2})|(?P<suffix>[A-Za-z]{0,2}))",
    re.ASCII,
)


def parse_cpu(text: str) -> int:
    """Millicores of a cpu quantity: "500m" is 500, "1.5" is 1500.

    Raises ValueError when the text is not a quantity or is finer than a millicore, which Kubernetes doesn't allow.
    """
    return _whole(_parse(text) * 1000, text, "millicores, the finest that Kubernetes allows for cpu")


def parse_bytes(text: str) -> int:
    """Bytes of a memory or storage quantity: "10Gi" is 10737418240, "1.5k" is 1500.

    Raises ValueError when the text is not a quantity or is not a whole number of bytes.
    """
    return _whole(_parse(text), text, "bytes")


def format_cpu(millicores: int) -> str:
    """The shortest cpu quantity that parses back to the same: 4000 is "4", 3920 is "3920m". Negative: ValueError."""
    _refuse_negative(millicores)
    return f"{millicores // 1000}" if millicores % 1000 == 0 else f"{millicores}m"


def format_bytes(count: int) -> str:
    """The byte quantity with the largest binary suffix that is exact: 1610612736 is "1536Mi". Negative: ValueError."""
    _refuse_negative(count)
    for suffix, factor in reversed(_BINARY.items()):
        if count and count % factor == 0:
            return f"{count // factor}{suffix}"
    return str(count)


def _parse(text: str) -> Fraction:
    match = _QUANTITY.fullmatch(text)
    factor = _factor(match) if match else None
    if match is None or factor is None:
        raise ValueError(f"{text!r} is not a Kubernetes quantity, such as 500m, 1.5 or 10Gi")
    return Fraction(match["number"]) * factor


def _factor(match: re.Match[str]) -> Fraction | None:
    if match["exponent"]:
        return Fraction(10) ** int(match["exponent"])
    if match["suffix"] in _BINARY:
        return Fraction(_BINARY[match["suffix"]])
    if match["suffix"] in _DECIMAL_EXPONENT:
        return Fraction(10) ** _DECIMAL_EXPONENT[match["suffix"]]
    return None


def _whole(value: Fraction, text: str, unit: str) -> int:
    if value.denominator != 1:
        raise ValueError(f"{text!r} is not a whole number of {unit}")
    return value.numerator


def _refuse_negative(value: int) -> None:
    if value < 0:
        raise ValueError(f"{value} is negative: no Kubernetes quantity of a node or a pod is")
