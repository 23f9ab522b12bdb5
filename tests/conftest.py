"""Set-up for every test."""

from __future__ import annotations

import gc
import importlib
import json
import os
import warnings
from collections.abc import Iterator
from functools import cache
from unittest import mock

import botocore.session
import hypothesis
import pytest
from botocore import loaders

from ops.engine.project import DEFAULTS_VARIABLE
from ops.sandbox.aws.environment import ENVIRONMENT
from tests import package, runs, slow  # `runs` reads the sources before tests import them

# While test files are imported, nothing becomes garbage and looking for it takes a fifth of the time.
gc.disable()

# moto reads these once, when any test first imports it: the local cloud's settings hold for all of them.
os.environ.update(ENVIRONMENT)
# No test needs the real package of functions, nor the network that it is built from; processes that tests start hear of
# it too.
os.environ[DEFAULTS_VARIABLE] = json.dumps(package.write())

# A slow machine is no failure: how long something takes is for `make bench` to say.
hypothesis.settings.register_profile("suite", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("suite")

# pulumi_aws loads its modules when they are first touched, and some warn about themselves while loading; a warning that
# is an error at that moment leaves a module half loaded. So they are loaded here, before the filter holds.
_TOUCHED = (
    "accessanalyzer",
    "acm",
    "alb",
    "autoscaling",
    "budgets",
    "cloudtrail",
    "cfg",
    "cloudwatch",
    "costexplorer",
    "ebs",
    "ec2",
    "elasticache",
    "guardduty",
    "iam",
    "inspector2",
    "kms",
    "lambda_",
    "lb",
    "rds",
    "route53",
    "s3",
    "secretsmanager",
    "securityhub",
    "sns",
    "sqs",
    "ssm",
    "synthetics",
    "vpc",
    "wafv2",
)


def pytest_configure(config: pytest.Config) -> None:
    """Load them, but not where tests are only handed to workers: it takes two seconds."""
    if not hasattr(config, "workerinput") and config.getoption("numprocesses", default=None):
        gc.enable()
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for module in _TOUCHED:
            hasattr(importlib.import_module(f"pulumi_aws.{module}"), "any attribute loads it")


@pytest.fixture(scope="session", autouse=True)
def programs_are_shared() -> Iterator[None]:
    """Run the whole program offline once for each configuration, whichever command or test asks: it takes seconds."""
    with runs.shared():
        yield


@pytest.fixture(scope="session", autouse=True)
def models_are_read_once() -> Iterator[None]:
    """Let boto3's sessions share what they read of AWS's service models: a session's first client takes longer."""
    made = cache(loaders.create_loader)

    def shared(paths: str | None = None) -> loaders.Loader:
        loader = made(paths)
        loader.search_paths[:] = dict.fromkeys(loader.search_paths)  # to which each session adds boto3's own
        return loader

    with mock.patch.object(botocore.session, "create_loader", shared):
        yield


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Refuse a slow test that does not say why it is slow, where whoever runs the tests is told of it."""
    slow.check(metafunc.definition.nodeid, metafunc.definition.iter_markers(slow.NAME))


def pytest_collection_finish() -> None:
    """Take what was imported, a million objects, out of the garbage collector's sight: it stays to the end."""
    gc.collect()
    gc.freeze()
    # A cell on the local cloud is a million objects as well: to look at the young ones less often saves a sixth.
    gc.set_threshold(50_000, 20, 50)
    gc.enable()
