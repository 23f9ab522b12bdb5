"""Which cells a command is about, refused before any process is started if one of them cannot be built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ops.engine import project
from ops.refusal import RefusalError


@dataclass(frozen=True, kw_only=True)
class Order:
    """A cell to build, from the stack file in a folder."""

    cell: str
    stacks: Path
    account: str
    home_region: str


def orders(cells: Sequence[str], stacks: Path) -> list[Order]:
    """What to build for `cells`, or for every stack file in `stacks` if none is named.

    Raises:
        RefusalError: a cell has no stack file, or settings that are refused; all of them are told at once.
    """
    import settings  # noqa: PLC0415 - slow to load, and most commands build nothing

    wanted = list(dict.fromkeys(cells)) or project.cells(stacks)
    if not wanted:
        raise RefusalError(f"no stack file Pulumi.<cell>.yaml in {stacks}")
    made: list[Order] = []
    messages: list[str] = []
    problems: list[dict[str, str]] = []
    for cell in wanted:
        try:
            made.append(_order(cell, stacks))
        except project.ProjectError as error:
            messages.append(str(error))
            problems.append({"cell": cell, "rule": str(error)})
        except settings.SettingsError as error:
            messages.append(str(error))
            problems += [{"cell": cell, **asdict(problem)} for problem in error.problems]
    if messages:
        raise RefusalError("\n".join(messages), problems)
    return made


def _order(cell: str, stacks: Path) -> Order:
    import settings  # noqa: PLC0415 - as above
    from ops.engine import owners  # noqa: PLC0415 - as above

    stack = project.load(cell, folder=stacks)
    checked = settings.load(cell, stack.stated)
    owners.refuse_rivals(stack, stacks)
    return Order(cell=cell, stacks=stacks, account=checked.account_id, home_region=checked.home_region)
