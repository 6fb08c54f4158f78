"""Rights to tables of databases of AWS Glue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from components.access.iam import Statement
from sizing.arns import Arns

Access = Literal["read", "readWrite"]
READ_TABLES: Final = ("glue:GetDatabase", "glue:GetTable", "glue:GetTables")
"""What Iceberg asks of a database that it reads. Not `glue:GetDatabases`, which lists those of everybody.

Source: apache/iceberg 1.10, aws, glue/GlueCatalog.java; a real Spark's calls are held to them in
`tests/spark/test_catalogs.py`
"""
WRITE_TABLES: Final = ("glue:CreateTable", "glue:DeleteTable", "glue:UpdateTable")
"""A renamed table is a new one and a deleted one. Databases are nobody's to make, change or remove."""


def glue_statements(arns: Arns, databases: Mapping[str, Access]) -> Iterator[Statement]:
    """Lets a role use all tables of some databases, and no other's.

    Glue asks for a right on the table, its database and the catalog above them, so that the catalog's gives nothing
    by itself.

    Args:
        arns: the account and region.
        databases: by name, `read` or `readWrite`.

    Raises:
        ValueError: a character of a name means more than itself in an IAM policy.

    Source: https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
    """
    if wrong := sorted(name for name in databases if not re.fullmatch(r"\w+", name, re.ASCII)):
        raise ValueError(f"databases {', '.join(wrong)}: names are letters, digits and _")
    writable = [name for name, access in sorted(databases.items()) if access == "readWrite"]
    if databases:
        yield Statement(sid="Tables", actions=READ_TABLES, resources=_tables(arns, *sorted(databases)))
    if writable:
        yield Statement(sid="WritableTables", actions=WRITE_TABLES, resources=_tables(arns, *writable))


def _tables(arns: Arns, *names: str) -> list[str]:
    return [
        arns.glue("catalog"),
        *(arns.glue(f"database/{name}") for name in names),
        *(arns.glue(f"table/{name}/*") for name in names),
    ]
