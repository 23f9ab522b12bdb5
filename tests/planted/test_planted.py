"""A secret that is planted wherever the program makes or takes one is found nowhere but where it belongs."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from unittest import mock

import pulumi
import pulumi_random
import pytest
from pulumi.runtime import config as pulumi_config
from pulumi_aws import secretsmanager
from typing_extensions import override

import settings
from ops import cli
from ops.engine import project, runner
from ops.engine.record import Program, Request, Secret, reveal
from ops.engine.synthetic import Synthetic
from ops.preview import work
from ops.sandbox.cells import host
from ops.sandbox.cloud import Cloud, CreationError
from ops.sandbox.creators import LOCAL
from ops.sandbox.hush import Hush, Hushed
from ops.sandbox.local import local_aws
from settings import SettingsError
from tests.planted.scanner import open_texts, shows
from tests.support import ACCOUNT, STACK, opts_in

PASSWORD: Final = "random:index/randomPassword:RandomPassword"  # noqa: S105 - a type's name
VERSION: Final = "aws:secretsmanager/secretVersion:SecretVersion"
PLANTED: Final = "Zq7-planted!#$%^&*()_=+[]{}<>:?x9"
ENVIRONMENT: Final = {
    "AWS_SECRET_ACCESS_KEY": "env-planted/key+51f0aa",
    "AWS_SESSION_TOKEN": "env-planted-token-7b21",
    "PULUMI_CONFIG_PASSPHRASE": "env-planted-passphrase-93ce",
}
VALUES: Final = (PLANTED, *ENVIRONMENT.values())


class Planting(Synthetic):
    """Gives every random password the planted value."""

    @override
    def create(self, request: Request) -> tuple[str, Mapping[str, Any]]:
        id_, outputs = super().create(request)
        planted = {"result": Secret(PLANTED), "bcryptHash": Secret(PLANTED)} if request.type == PASSWORD else {}
        return id_, {**outputs, **planted}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


@cache
def planted() -> Program:
    return runner.run(project.load("us"), Planting())


def clean(content: bytes | str) -> bool:
    return not [value for value in VALUES if shows(content, value)]


def test_the_planted_value_is_where_it_belongs() -> None:
    holders = [item for item in planted().registrations if shows(str(reveal(item.inputs)), PLANTED)]
    assert {VERSION, "aws:rds/instance:Instance", "aws:elasticache/replicationGroup:ReplicationGroup"} <= {
        item.type for item in holders
    }


def test_it_is_in_no_input_that_is_not_secret_no_file_and_no_user_data() -> None:
    texts = {text: item.urn for item in planted().registrations for text in open_texts(dict(item.inputs))}
    assert [] == [urn for text, urn in texts.items() if not clean(text)]


def test_it_is_in_no_export_and_in_no_words_about_the_program() -> None:
    assert all(clean(text) for text in open_texts(dict(planted().exports)))
    assert clean(repr(planted()))
    assert clean(str(planted().exports))


@pytest.mark.parametrize("words", [("us",), ("us", "--json"), ("us", "--summary")])
def test_it_is_in_no_preview(words: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = tmp_path / "saved.json"

    def shared_run(_stack: object, _backend: object) -> Program:
        return planted()

    shared = SimpleNamespace(run=shared_run, ProgramError=runner.ProgramError)
    with mock.patch.object(work, "runner", shared):
        assert 0 == cli.main(("preview", *words, "--save", str(saved)))
        first = capsys.readouterr()
        assert 0 == cli.main(("preview", "us", "--against", str(saved)))
    second = capsys.readouterr()
    assert len(first.out) > 1000
    for text in (*first, *second, saved.read_bytes()):
        assert clean(text)


@pytest.mark.parametrize(
    "words",
    [
        ("residency", "us", "--json"),
        pytest.param(("cost", "us"), marks=pytest.mark.slow("runs the program again for each saving that it offers")),
        ("preview", "us", "--set", "webMax=no"),
    ],
)
def test_it_is_in_no_other_answer(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(words)
    assert clean("".join(capsys.readouterr()))


@pytest.mark.parametrize(
    "key", ["domain", "webMax", "homeCidr", "released", "natPerAz", "release", "zoen", "aws:region"]
)
def test_a_secret_setting_is_in_no_refusal(key: str) -> None:
    config = {**project.load("us").stated, key: PLANTED}
    with pytest.raises(SettingsError) as caught:
        settings.load("us", config, secret={key})
    assert clean(str(caught.value) + repr(caught.value) + repr(caught.value.problems))
    with pytest.raises(SettingsError) as shown:
        settings.load("us", config)
    assert shows(str(shown.value), PLANTED), "a value that is no secret is shown"


def test_a_secret_setting_is_in_no_refusal_of_a_running_program() -> None:
    name = f"{settings.PROJECT}:webMax"

    def program() -> None:
        pulumi_config.set_all_config({**project.load("us").config, name: PLANTED}, [name])
        settings.from_pulumi()

    with pytest.raises(SettingsError) as caught:
        runner.run(project.load("us"), Synthetic(), program=program)
    assert clean(str(caught.value))
    assert "webMax = [secret]" in str(caught.value)


# What goes wrong while a secret is at hand


def holds() -> None:
    """A password, and a secret that holds it."""
    opts = opts_in()
    password = pulumi_random.RandomPassword("password", length=32)
    secret = secretsmanager.Secret("db", name="db", opts=opts)
    given = pulumi.Output.json_dumps({"username": "medical", "password": password.result})
    secretsmanager.SecretVersion("db", secret_id=secret.id, secret_string=given, opts=opts)


def raises() -> None:
    """A program that breaks off with the password in its words."""
    password = pulumi_random.RandomPassword("password", length=32)

    def fail(value: str) -> None:
        raise RuntimeError(f"cannot connect with {value}")

    pulumi.export("never", password.result.apply(fail))


def give(_request: Request) -> tuple[str, Mapping[str, Any]]:
    return "none", {"result": Secret(PLANTED)}


class Log:
    """What a cell's process would have told and logged of a failure."""

    def __init__(self, error: Exception, hush: Hush, capsys: pytest.CaptureFixture[str]) -> None:
        """Let the host tell of `error`."""
        capsys.readouterr()
        with mock.patch.object(sys, "stderr", Hushed(sys.stderr, hush)):
            self.told = repr(host.failure(error, hush))
        self.text = capsys.readouterr().err


Call = Callable[[str, str, Mapping[str, Any]], None]


def failed(
    program: Callable[[], None], capsys: pytest.CaptureFixture[str], before_call: Call | None = None
) -> tuple[Exception, Log]:
    """How `program` failed in the local cloud; `before_call` is told of each call, and may fail."""
    with local_aws(ACCOUNT), mock.patch.dict(LOCAL, {PASSWORD: give}):
        cloud = Cloud()
        cloud.before_call = before_call or cloud.before_call
        with pytest.raises(Exception) as caught:  # noqa: PT011 - each of them
            runner.run(STACK, cloud, program=program)
    return caught.value, Log(caught.value, cloud.hush, capsys)


@pytest.mark.parametrize("kind", [ValueError, KeyError, RuntimeError, AttributeError, ZeroDivisionError])
def test_a_creator_that_fails_over_a_secret_does_not_tell_it(
    kind: type[Exception], capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(service: str, _region: str, params: Mapping[str, Any]) -> None:
        if service == "secretsmanager" and "SecretString" in params:
            raise kind(f"cannot put {params['SecretString']} of {PLANTED}")

    error, log = failed(holds, capsys, before_call=refuse)
    assert clean(log.told + log.text)
    assert "[secret]" in log.told
    if isinstance(error, CreationError):
        assert clean(str(error))
        assert clean("".join(traceback.format_exception(error)))


def test_a_program_that_raises_with_a_secret_does_not_tell_it(capsys: pytest.CaptureFixture[str]) -> None:
    error, log = failed(raises, capsys)
    assert shows(str(error), PLANTED), "it is there to be told"
    assert clean(log.told + log.text)
    assert "cannot connect with [secret]" in log.told
    assert "Traceback" in log.text


def test_what_is_not_hushed_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    error, _ = failed(raises, capsys)
    log = Log(error, Hush(), capsys)
    assert shows(log.told, PLANTED)
    assert shows(log.text, PLANTED)


def test_the_longest_secret_is_blotted_out_first_and_short_words_are_left() -> None:
    hush = Hush()
    hush.learn({"a": [Secret("abcdef"), Secret({"b": "xabcdefy", "c": "us"})], "d": "not secret"})
    assert "[secret] [secret] us not secret" == hush("xabcdefy abcdef us not secret")


def test_nothing_is_logged_of_a_run(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        runner.run(STACK, Planting(), program=holds)
    assert clean(caplog.text)
