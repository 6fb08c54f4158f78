"""Reads the XML that the shop writes, an order a line."""

from __future__ import annotations

from typing import Any

import xmltodict


def parsed(line: str) -> tuple[str, float]:
    """Country and amount of an order."""
    order: dict[str, Any] = xmltodict.parse(line)["order"]
    items = order.get("item") or []
    amounts = [float(item["@price"]) for item in (items if isinstance(items, list) else [items])]
    return str(order["country"]), sum(amounts)
