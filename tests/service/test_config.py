"""What the service refuses to start with: one line that names key, value, rule and way out, and exit status 2."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from service import tls
from service.__main__ import main
from service.config import Drill, load, parse
from service.rules import ConfigError
from tests.service.certificates import Authority
from tests.service.running import ROOT, Json, environment, section

ARN = "arn:aws:secretsmanager:us-east-2:123456789012:secret:medical/db-AbCdEf"
GOOD: Json = {
    "cell": "us",
    "side": "home",
    "region": "us-east-2",
    "release": "starter",
    "account": "123456789012",
    "other_region": "us-west-2",
    "drill_role": "arn:aws:iam::123456789012:role/medical-us-global-drill",
    "listen": {"host": "0.0.0.0", "port": 8443, "certificate": "/etc/medical/tls.crt", "key": "/etc/medical/tls.key"},  # noqa: S104  as on an instance, which has one interface
    "database": {"host": "db.example", "port": 3306, "name": "medical", "secret": ARN, "ca": "rds"},
    "cache": {"host": "cache.example", "port": 6379, "secret": "medical/cache", "ca": "system"},
    "buckets": {"uploads": "medical-uploads", "derived": "medical-derived"},
    "topics": {"appointments": "arn:aws:sns:us-east-2:123456789012:appointments"},
    "queues": {"appointments": "arn:aws:sqs:us-east-2:123456789012:appointments"},
}


def changed(path: str, value: object) -> str:
    """Return the good configuration as text, with one value changed or added."""
    config = copy.deepcopy(GOOD)
    where, _, key = path.rpartition(".")
    target: dict[str, object] = {**(section(config, where) if where else config), key: value}
    return json.dumps({**config, where: target} if where else target)


def without(path: str) -> str:
    """Return the good configuration as text, with one key taken out."""
    config = copy.deepcopy(GOOD)
    where, _, key = path.rpartition(".")
    del (section(config, where) if where else config)[key]
    return json.dumps(config)


HOSTILE = {
    "not JSON": ("{", "not JSON"),
    "empty": ("", "not JSON"),
    "a list": ("[]", "the document is []"),
    "a number": ("7", "the document is 7"),
    "nested without end": ("[" * 60_000, "nested too deeply"),
    "huge": (" " * 70_000, "larger than"),
    "a key twice": ('{"cell": "us", "cell": "eu"}', "'cell' is there twice"),
    "an unknown key": (changed("colour", "blue"), "colour is not a key"),
    "an unknown key within": (changed("database.user", "root"), "database.user is not a key"),
    "a key of two lines": (changed("a\nb", "c"), r"'a\nb' is not a key"),
    "no cell": (without("cell"), "cell is missing"),
    "no cache": (without("cache"), "cache is missing"),
    "no key of ours": (without("listen.key"), "listen.key is missing"),
    "a section that is none": (changed("buckets", "uploads"), "buckets is 'uploads'"),
    "an empty cell": (changed("cell", ""), "cell is ''"),
    "a third side": (changed("side", "middle"), "side is 'middle'"),
    "no region at all": (changed("region", "Ohio"), "region is 'Ohio'"),
    "a region without authorities": (changed("region", "xx-north-9"), "xx-north-9"),
    "no word about drills": (without("drill_role"), "drill_role is missing"),
    "a role by its name": (changed("drill_role", "medical-us-global-drill"), "drill_role is 'medical-us"),
    "everybody's role": (changed("drill_role", "*"), "drill_role is '*'"),
    "a role of a path": (changed("drill_role", "arn:aws:iam::123456789012:role/a/b"), "drill_role is 'arn"),
    "another side without a region": (changed("other_region", ""), "other_region is ''"),
    "a host as region": (changed("other_region", "us-west-2.evil.example"), "other_region is 'us-west-2.evil"),
    "an account of eleven digits": (changed("account", "12345678901"), "account is '12345678901'"),
    "a release of two lines": (changed("release", "a\nb"), r"release is 'a\nb'"),
    "a port above the last": (changed("listen.port", 65_536), "listen.port is 65536"),
    "port zero": (changed("database.port", 0), "database.port is 0"),
    "a negative port": (changed("cache.port", -1), "cache.port is -1"),
    "a port in quotes": (changed("listen.port", "8443"), "listen.port is '8443'"),
    "a port that is true": (changed("listen.port", value=True), "listen.port is True"),
    "a broken port": (changed("listen.port", 84.43), "listen.port is 84.43"),
    "a host with a scheme": (changed("cache.host", "https://cache"), "cache.host is 'https://cache'"),
    "a host that is null": (changed("database.host", None), "database.host is None"),
    "a schema with a quote": (changed("database.name", "medical`;"), "database.name is 'medical`;'"),
    "an authority of our invention": (changed("database.ca", "none"), "database.ca is 'none'"),
    "a relative certificate": (changed("listen.certificate", "tls.crt"), "listen.certificate is 'tls.crt'"),
    "a bucket with its scheme": (changed("buckets.uploads", "s3://up"), "buckets.uploads is 's3://up'"),
    "a topic that is no ARN": (changed("topics.pay", "payments"), "topics.pay is 'payments'"),
    "a topic elsewhere": (changed("topics.pay", "arn:aws:sns:eu-west-1:123456789012:pay"), "an ARN of eu-west-1"),
    "a queue by its address": (changed("queues.pay", "https://sqs/1/pay"), "queues.pay is 'https"),
    "a queue elsewhere": (changed("queues.pay", "arn:aws:sqs:eu-west-1:123456789012:pay"), "an ARN of eu-west-1"),
    "a secret elsewhere": (changed("cache.secret", ARN.replace("us-east-2", "us-west-2")), "an ARN of us-west-2"),
}


@pytest.mark.parametrize(("text", "said"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_configuration_is_refused_on_one_line(
    text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "service.json"
    file.write_text(text)
    monkeypatch.setenv("SERVICE_CONFIG", str(file))
    monkeypatch.setattr(sys, "argv", ["service"])
    assert 2 == main()
    written = capsys.readouterr()
    assert "" == written.out
    assert 1 == written.err.count("\n"), "one line"
    assert str(file) in written.err
    assert said in written.err
    assert len(written.err) < 1000


@pytest.mark.parametrize(
    "text", [changed("database.password", "hunter2"), changed("database.secret", '{"password": "hunter2"}')]
)
def test_a_secret_in_the_wrong_place_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ConfigError, match="not shown") as refusal:
        parse(json.loads(text))
    assert "hunter2" not in str(refusal.value)


def test_a_good_configuration_becomes_typed_values() -> None:
    config = parse(GOOD)
    assert ("us", "home", "us-east-2", "starter") == (config.cell, config.side, config.region, config.release)
    assert 8443 == config.listen.port
    assert tls.rds_authorities()["us-east-2"] == config.database.authority
    assert config.cache.authority is None, "the cache's authority is the system's"
    assert {"appointments"} == set(config.topics)
    drill = Drill(account_id="123456789012", role_name="medical-us-global-drill", regions=("us-east-2", "us-west-2"))
    assert drill == config.drill


def test_a_cell_of_one_side_may_have_no_drills_and_no_other_region() -> None:
    assert parse(json.loads(changed("drill_role", "none"))).drill is None
    alone = parse(json.loads(changed("other_region", "none"))).drill
    assert alone is not None
    assert ("us-east-2",) == alone.regions


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "service.json"
    file.write_bytes(b"\xff\xfe{}")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(file)


def run(*arguments: str, config: Path) -> subprocess.CompletedProcess[str]:
    """Run the service as a process of its own until it ends."""
    command = [sys.executable, "-m", "service", *arguments]
    values = environment(SERVICE_CONFIG=str(config))
    return subprocess.run(command, cwd=ROOT, env=values, capture_output=True, text=True, check=False, timeout=20)  # noqa: S603  our own arguments


def test_an_absent_file_ends_the_process_with_2_and_one_line(tmp_path: Path) -> None:
    ended = run(config=tmp_path / "nowhere.json")
    assert 2 == ended.returncode
    assert "" == ended.stdout
    assert 1 == ended.stderr.count("\n"), "no traceback"
    assert "nowhere.json" in ended.stderr
    assert "No such file" in ended.stderr


Spoil = Callable[[Path, Authority], str]


def _absent(certificate: Path, _: Authority) -> str:
    certificate.unlink()
    return "No such file"


def _not_ours(certificate: Path, authority: Authority) -> str:
    certificate.write_bytes(authority.issue("other").certificate.read_bytes())
    return "KEY_VALUES_MISMATCH"


def _nonsense(certificate: Path, _: Authority) -> str:
    certificate.write_text("nonsense")
    return "listen.certificate"


@pytest.mark.parametrize("spoil", [_absent, _not_ours, _nonsense])
def test_check_finds_a_certificate_that_would_fail_the_start(
    spoil: Spoil,
    tmp_path: Path,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pair = Authority(tmp_path, "own").issue("listener")
    config = copy.deepcopy(GOOD)
    section(config, "listen").update(certificate=str(pair.certificate), key=str(pair.key))
    file = tmp_path / "service.json"
    file.write_text(json.dumps(config))
    monkeypatch.setenv("SERVICE_CONFIG", str(file))
    monkeypatch.setattr(sys, "argv", ["service", "--check"])
    assert 0 == main()
    assert "is valid: cell us, home, us-east-2" in capsys.readouterr().out
    said = spoil(pair.certificate, authority)
    assert 2 == main()
    assert said in capsys.readouterr().err


def test_help_teaches_the_configuration_and_the_exit_statuses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["service", "--help"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert 0 == ended.value.code
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("SERVICE_CONFIG", '"database"', "/readyz", "exit status", "SIGTERM"))
