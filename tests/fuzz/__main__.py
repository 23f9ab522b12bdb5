"""`make fuzz`: ten thousand configurations over all cores, with their figures kept in docs/fuzz.md.

`--seed` repeats a campaign, `--count` makes it shorter or longer, `--programs` bounds how many are run as whole
programs. Findings are made small before they are told; with any, the status is 1.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait

from ops.engine.project import DEFAULTS_VARIABLE
from tests import package
from tests.fuzz import campaign
from tests.fuzz.report import PLACE, Campaign, page
from tests.fuzz.tally import Tally

SLICE = 250  # configurations that a process judges before it says what it has found
_SEEDS = 2**32


def main(words: list[str]) -> int:
    """Run a campaign, keep its page and tell its findings."""
    asked = _arguments(words)
    seed = random.SystemRandom().randrange(_SEEDS) if asked.seed is None else asked.seed
    print(f"seed {seed}, {asked.count} configurations, {asked.jobs} processes")  # noqa: T201 - the answer
    os.environ[DEFAULTS_VARIABLE] = json.dumps(package.write())
    started = time.monotonic()
    tally = _judged(asked.count, seed, asked.programs, asked.jobs, started)
    found = Campaign(seed=seed, seconds=time.monotonic() - started, processes=asked.jobs, tally=tally)
    if asked.keep:
        PLACE.write_text(page(found), encoding="utf-8")
    print(  # noqa: T201 - as above
        f"{tally.total} judged in {found.seconds:.0f} s: {tally.accepted['all']} accepted ({tally.share:.0%}), "
        f"{tally.programs} whole programs, {len(tally.findings)} findings"
    )
    for fault, given in tally.findings.items():
        small = campaign.smallest(given, fault, whole=": " in fault)
        print(f"\n{fault}\n  {small}")  # noqa: T201 - as above
    return 1 if tally.findings else 0


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="configurations in all")
    parser.add_argument("--seed", type=int, help="repeats a campaign; drawn and told without it")
    parser.add_argument("--programs", type=int, default=1_000, help="whole programs at most")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--keep", action="store_true", help="write docs/fuzz.md")
    return parser.parse_args(words)


def _judged(count: int, seed: int, programs: int, jobs: int, started: float) -> Tally:
    """What all processes have counted. Each slice has a seed of its own, so the number of processes changes nothing."""
    sizes = [SLICE] * (count // SLICE) + ([count % SLICE] if count % SLICE else [])
    each, tally = -(-programs // max(1, len(sizes))), Tally()
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=campaign.prepare) as pool:
        open_: set[Future[Tally]] = {
            pool.submit(campaign.run, size, seed + place, each) for place, size in enumerate(sizes)
        }
        while open_:
            done, open_ = wait(open_, return_when=FIRST_COMPLETED)
            for future in done:
                tally.merge(future.result())
            passed = time.monotonic() - started
            told = f"\r{tally.total} of {count}, {tally.programs} whole programs, {len(tally.findings)} findings"
            print(f"{told}, {passed:.0f} s ", end="", file=sys.stderr, flush=True)  # noqa: T201 - progress
    print(file=sys.stderr)  # noqa: T201 - as above
    return tally


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
