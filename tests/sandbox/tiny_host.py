"""A cell's process with a tiny program, for tests of what starts and ends such processes.

What it does beside standing up depends on the cell's name: `apac` lacks the creator of a type, and one that ends in
`-dies` ends unheard.
"""

from __future__ import annotations

import functools
import os
import sys

import pulumi
import pulumi_aws as aws

from ops.engine import runner
from ops.sandbox.cells import host, process
from ops.sandbox.creators import CREATORS
from tests.support import ACCOUNT, HOME, RECOVERY

CIDRS = {"home": "10.99.0.0/16", "recovery": "10.98.0.0/16"}


def program() -> None:
    for side, region in (("home", HOME), ("recovery", RECOVERY)):
        provider = aws.Provider(side, region=region, allowed_account_ids=[ACCOUNT])
        opts = pulumi.ResourceOptions(provider=provider)
        vpc = aws.ec2.Vpc(f"{side}-vpc", cidr_block=CIDRS[side], opts=opts)
        aws.ec2.InternetGateway(f"{side}-gateway", vpc_id=vpc.id, opts=opts)


def main() -> int:
    sys.argv.remove(process.MODULE)  # it is there only to be recognized by
    cell = sys.argv[sys.argv.index("--cell") + 1]
    if cell.endswith("-dies"):
        sys.stderr.write("out of luck\n")
        sys.stderr.flush()
        os._exit(3)
    if cell == "apac":
        del CREATORS["aws:ec2/internetGateway:InternetGateway"]
    runner.run = functools.partial(runner.run, program=program)
    return host.main()


if __name__ == "__main__":
    sys.exit(main())
