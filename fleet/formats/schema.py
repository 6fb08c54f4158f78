"""The JSON Schemas that the project publishes, made from its models."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from fleet.formats.check_forms import CheckForm
from fleet.formats.report_forms import PreviewForm
from infra.settings.fields import Region
from infra.settings.platform import AwsPlatform, ExistingPlatform
from infra.settings.stack_file import STACKS
from infra.settings.tenant import AwsTenant, ExistingTenant
from infra.settings.validation import PLATFORM_KEY, REGION_KEY, TENANT_KEY

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MODELS: dict[str, Any] = {PLATFORM_KEY: AwsPlatform | ExistingPlatform, TENANT_KEY: AwsTenant | ExistingTenant}
STACK_SCHEMA = STACKS / "schema.json"
PREVIEW_SCHEMA = Path("docs") / "preview.schema.json"
CHECK_SCHEMA = Path("docs") / "check.schema.json"


def stack_file_schema() -> dict[str, Any]:
    """The schema of a stack file; editors take it from the comment in a stack file's first line."""
    schemas, definitions = TypeAdapter.json_schemas(
        [(key, "validation", TypeAdapter(model)) for key, model in MODELS.items()], by_alias=True
    )
    return {
        "$schema": DIALECT,
        "title": "A stack of elastic-spark",
        "type": "object",
        "required": ["config"],
        "additionalProperties": False,
        "properties": {
            "config": {
                "type": "object",
                "oneOf": [{"required": [key]} for key in MODELS],
                "additionalProperties": False,
                "patternProperties": {"^pulumi:": {}},
                "properties": {
                    REGION_KEY: TypeAdapter(Region).json_schema(),
                    **{key: schemas[(key, "validation")] for key in MODELS},
                },
            },
            **{key: {"type": "string"} for key in ("encryptedkey", "encryptionsalt", "secretsprovider")},
        },
        "$defs": definitions["$defs"],
    }


def preview_schema() -> dict[str, Any]:
    """The schema of what `fleet preview --format json` prints."""
    return {"$schema": DIALECT, **PreviewForm.model_json_schema(by_alias=True, mode="serialization")}


def check_schema() -> dict[str, Any]:
    """The schema of what `fleet check --format json` prints."""
    return {"$schema": DIALECT, **CheckForm.model_json_schema(by_alias=True, mode="serialization")}


def written(schema: dict[str, Any]) -> str:
    """The text of a schema file."""
    return json.dumps(schema, indent=2) + "\n"


def main() -> None:
    """Write all schemas below the current directory, the project's root."""
    STACK_SCHEMA.write_text(written(stack_file_schema()), encoding="utf-8")
    PREVIEW_SCHEMA.write_text(written(preview_schema()), encoding="utf-8")
    CHECK_SCHEMA.write_text(written(check_schema()), encoding="utf-8")


if __name__ == "__main__":
    main()
