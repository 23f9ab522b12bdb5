"""The rules as a Pulumi policy pack: `pulumi preview --policy-pack policies`, after `pulumi install` in this folder.

The CLI runs this file in a process of its own, with this folder at the head of the module path.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

# This folder is on the path, its parent is not: without it neither `domain` nor the package `policies` would be found.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pulumi_policy import PolicyPack

from policies.pack import policies_as_of

PolicyPack("medical-platform-guardrails", policies_as_of(datetime.now(UTC).date()))
