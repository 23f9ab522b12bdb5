"""The settings of a cell: the only place that reads `pulumi.Config`, and where bad values end.

`load` turns the stack's configuration into one frozen, typed value before any resource exists. Everything that is wrong
is reported at once, each with key, value, rule and way out. Defaults live in `Pulumi.yaml` only, where
`pulumi config` shows them. Nothing here touches the network.

What one value may be stands in `rules`, what does not go together in `conflicts`, how it is said in `refusals`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

import pulumi
from pulumi.runtime import config as pulumi_config
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from settings.conflicts import conflicts
from settings.model import Settings
from settings.refusals import Problem, SettingsError, Shown, unknown_key
from settings.rules import CREATE, LOG_DAYS, STARTER

__all__ = ["CREATE", "LOG_DAYS", "PROJECT", "STARTER", "Problem", "Settings", "SettingsError", "from_pulumi", "load"]

PROJECT: Final = "medical-platform"
# May hold tokens, whether or not they are marked secret.
_NEVER_SHOWN: Final = frozenset({"operationsWebhooks", "pagerWebhooks"})
_ENGINE: Final = "pulumi:"  # the Pulumi engine's own settings
_KEYS: Final = tuple(to_camel(name) for name in Settings.model_fields if name != "cell")
_TEXT_KEYS: Final = {to_camel(name) for name, field in Settings.model_fields.items() if field.annotation is str}


def from_pulumi() -> Settings:
    """The settings of the stack that runs.

    Raises:
        SettingsError: the configuration is refused.
    """
    prefix = f"{PROJECT}:"
    given = {**pulumi_config.get_config_env(), **pulumi_config.CONFIG.get()}
    secret = {key for key in given if pulumi_config.is_config_secret(key)}
    secret |= set(pulumi_config.get_config_secret_keys_env())
    raw = {key.removeprefix(prefix): str(value) for key, value in given.items() if not key.startswith(_ENGINE)}
    return load(pulumi.get_stack(), raw, secret={key.removeprefix(prefix) for key in secret})


def load(cell: str, raw: Mapping[str, str], *, secret: set[str] | frozenset[str] = frozenset()) -> Settings:
    """The settings of `cell` from its configuration as text, keyed without the project's name.

    Values of keys in `secret`, and of webhooks, are not repeated in a refusal.

    Raises:
        SettingsError: with every problem found.
    """
    shown = Shown({"cell": cell, **raw}, secret | _NEVER_SHOWN)
    problems = [unknown_key(key, _KEYS, shown) for key in raw if key not in _KEYS]
    values = {key: _decode(key, text) for key, text in raw.items() if key in _KEYS}
    try:
        settings = Settings.model_validate({"cell": cell, **values})
    except ValidationError as error:
        problems += [shown.problem(str(item["loc"][0]), item["type"], item["msg"]) for item in error.errors()]
        raise SettingsError(cell, problems) from None
    problems += conflicts(settings, shown)
    if problems:
        raise SettingsError(cell, problems)
    return settings


def _decode(key: str, text: str) -> object:
    """The value of a key: text as it is, anything else from the JSON that Pulumi hands over."""
    if key in _TEXT_KEYS:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
