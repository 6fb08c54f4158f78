"""AWS's regions, in the partitions where services are called as in `aws`."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

REGIONS: Final = frozenset(
    {
        *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1"),
        *("ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5"),
        *("ap-southeast-6", "ap-southeast-7", "ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2"),
        *("eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3", "il-central-1"),
        *("me-central-1", "me-south-1", "me-west-1", "mx-central-1", "sa-east-1", "sa-west-1", "us-east-1"),
        *("us-east-2", "us-gov-east-1", "us-gov-west-1", "us-west-1", "us-west-2"),
    }
)
"""Those of `aws` and `aws-us-gov`; one that AWS opens is added here.

Source: partitions.json of botocore, which the tests compare
"""


def likely_regions(name: str) -> list[str]:
    """The regions whose names are most like a name that is none, the likeliest first."""
    return get_close_matches(name, sorted(REGIONS), n=3)
