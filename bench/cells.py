"""Generated cells, to see whether the local cloud's cost grows with their number and with nothing else."""

from __future__ import annotations

from pathlib import Path

import yaml

from ops.engine.project import ROOT

# Jurisdiction, home and recovery of the shipped cells, taken in turn.
_PLACES = (
    ("US", "us-east-2", "us-west-2"),
    ("EU", "eu-central-1", "eu-west-1"),
    ("JP", "ap-northeast-1", "ap-northeast-3"),
)


def write(folder: Path, count: int) -> list[str]:
    """Write stack files of `count` cells into `folder`, with ranges that never overlap, and give the cells' names."""
    names = [f"cell{place:02}" for place in range(count)]
    shipped = yaml.safe_load((ROOT / "Pulumi.us.yaml").read_text(encoding="utf-8"))["config"]
    for place, name in enumerate(names):
        jurisdiction, home, recovery = _PLACES[place % len(_PLACES)]
        config = shipped | {
            "medical-platform:jurisdiction": jurisdiction,
            "medical-platform:homeRegion": home,
            "medical-platform:recoveryRegion": recovery,
            "medical-platform:homeCidr": f"10.{2 * place}.0.0/16",
            "medical-platform:recoveryCidr": f"10.{2 * place + 1}.0.0/16",
        }
        (folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    return names
