"""The Pulumi program, for every stack: read its settings, deploy what they say."""

from __future__ import annotations

import pulumi
from pulumi.runtime.config import get_config_env

from infra import aws_platform, existing_platform
from infra.findings import SettingsError
from infra.settings import AwsPlatform
from infra.validation import stack_settings


def run() -> None:
    """Deploy the current stack.

    Raises:
        pulumi.RunError: the settings are wrong; nothing was registered. The engine prints it without a traceback.
    """
    try:
        stack = stack_settings(pulumi.get_stack(), get_config_env())
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from error
    if isinstance(stack.settings, AwsPlatform):
        aws_platform.deploy(stack)
    else:
        existing_platform.deploy(stack)
