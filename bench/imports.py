"""What a cold start of the documents function spends on imports, with this machine's own wheels.

Lambda's runtime and the SDK in it are compiled; the package is not, because what one Python compiled another may refuse
and would not be the same bytes. So each run finds the standard library and the SDK compiled and everything of the
package as source only, and compiles it, as a cold start does. What is installed here and not in Lambda, and is loaded
only because it is there, does not count. Not measured: Lambda's own loading of the package.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

from bench.figure import Figure
from bench.process import BenchError
from ops.build import pins
from ops.build.packages import DOCUMENTS
from ops.engine.project import ROOT

HANDLER: Final = "functions.documents.handler"
DICOM: Final = "functions.documents.dicom"
OWN: Final = "functions"
STANDARD_LIBRARY: Final = "the standard library"
RUNS: Final = 7
LARGEST: Final = 6

# Lambda gives the whole of a cold start's initialisation 10 s ("Lambda execution environment lifecycle", init phase);
# imports may take a third of it on one core of the machine that measures.
GOAL_SECONDS: Final = 3.3

# Where these are set, Powertools loads the X-Ray SDK, which it otherwise leaves alone.
_LAMBDA: Final = {
    "AWS_LAMBDA_FUNCTION_NAME": "documents",
    "AWS_REGION": "us-east-2",
    "AWS_DEFAULT_REGION": "us-east-2",
    "LAMBDA_TASK_ROOT": str(ROOT),
}
_RUNTIME: Final = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
_LINE: Final = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \| +([\w.]+)$", re.MULTILINE)
_MICROSECONDS: Final = 1e6


def cold_imports(runs: int = RUNS) -> list[Figure]:
    """For the handler, and for what its first DICOM image loads: the median of `runs` fresh processes, in seconds.

    Raises:
        BenchError: a module cannot be imported.
    """
    return [
        _figure("cold start: imports of the documents handler, the package not compiled", HANDLER, runs),
        _figure("cold start: imports for the first DICOM image, the package not compiled", DICOM, runs),
    ]


def _figure(name: str, module: str, runs: int) -> Figure:
    known = _in_lambda()
    with tempfile.TemporaryDirectory() as folder:
        measure(module, Path(folder), write=True)
        _forget_package(Path(folder))
        found = [measure(module, Path(folder), write=False) for _ in range(runs)]
    counted = [{package: seconds for package, seconds in run.items() if package in known} for run in found]
    medians = {package: statistics.median(run.get(package, 0.0) for run in counted) for package in counted[0]}
    largest = sorted(medians.items(), key=lambda item: -item[1])[:LARGEST]
    return Figure(
        name=name,
        measured=statistics.median(sum(run.values()) for run in counted),
        goal=GOAL_SECONDS,
        unit="s",
        detail=f"{', '.join(f'{package} {seconds:.2f} s' for package, seconds in largest)}; {runs} runs",
    )


def _in_lambda() -> frozenset[str]:
    """The names under which modules are imported that are in Lambda: its runtime's, the package's and our own."""
    shipped = {pin.name for pin in pins.read(ROOT, DOCUMENTS.requirements)}
    installed = {
        package
        for package, distributions in metadata.packages_distributions().items()
        if not shipped.isdisjoint(canonicalize_name(name) for name in distributions)
    }
    return frozenset({OWN, STANDARD_LIBRARY, *_RUNTIME, *installed})


def measure(module: str, compiled: Path, *, write: bool) -> dict[str, float]:
    """Seconds that one fresh process spends on each package's own modules when it imports `module`.

    What is compiled is read from the folder `compiled`, and kept there only if `write`.
    """
    dont_write = [] if write else ["-B"]
    words = [
        sys.executable,
        *dont_write,
        "-X",
        "importtime",
        "-X",
        f"pycache_prefix={compiled}",
        "-c",
        f"import {module}",
    ]
    environment = {
        key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "POWERTOOLS_", "PYTHON"))
    }
    ended = subprocess.run(  # noqa: S603 - our own modules
        words,
        cwd=ROOT,
        env=environment | _LAMBDA,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise BenchError(f"import {module} ended with {ended.returncode}:\n{ended.stderr[-2000:]}")
    return by_package(ended.stderr)


def by_package(said: str) -> dict[str, float]:
    """Seconds by package from what `-X importtime` says; the standard library's modules are one."""
    total: Counter[str] = Counter()
    for microseconds, name in _LINE.findall(said):
        total[_package(name)] += int(microseconds)
    return _seconds(total)


def _package(module: str) -> str:
    package = module.partition(".")[0]
    return STANDARD_LIBRARY if package in sys.stdlib_module_names else package


def _seconds(microseconds: Mapping[str, int]) -> dict[str, float]:
    return {name: count / _MICROSECONDS for name, count in microseconds.items()}


def _forget_package(compiled: Path) -> None:
    """Take away what was compiled of our own code and of every distribution that Lambda's runtime lacks."""
    shutil.rmtree(compiled / (ROOT / OWN).relative_to(ROOT.anchor), ignore_errors=True)
    for site in compiled.rglob("site-packages"):
        for path in site.iterdir():
            if path.name.partition(".")[0] not in _RUNTIME:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
