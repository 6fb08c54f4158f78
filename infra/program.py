"""The Pulumi program, for every stack: read its settings, deploy what they say."""

from __future__ import annotations

import pulumi
from pulumi.runtime.config import get_config_env

from infra.platform import aws as aws_platform
from infra.platform import existing as existing_platform
from infra.settings.findings import SettingsError
from infra.settings.platform import AwsPlatform, ExistingPlatform
from infra.settings.validation import StackSettings, stack_settings
from infra.tenant import tenant


def run() -> None:
    """Deploy the current stack.

    Raises:
        pulumi.RunError: the settings are wrong; nothing was registered. The engine prints it without a traceback.
    """
    try:
        stack = stack_settings(pulumi.get_stack(), get_config_env())
    except SettingsError as error:
        raise pulumi.RunError(str(error)) from error
    deploy(stack)


def deploy(stack: StackSettings) -> None:
    """Deploy a stack by its settings.

    Raises:
        pulumi.RunError: a tenant's settings don't fit its platform.
    """
    match stack.settings:
        case AwsPlatform() as settings:
            aws_platform.deploy(settings, stack.region or "")
        case ExistingPlatform() as settings:
            existing_platform.deploy(settings)
        case settings:
            tenant.deploy(settings, stack)
