"""The command line of `python -m ops sandbox`. Imports nothing heavy: the work is loaded when it is asked for."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from ops import arguments

app = typer.Typer(
    name="sandbox",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="The local cloud: cells built by the real program in a local AWS, without an account.",
)

_LONGEST_HOURS: Final = 720
_PROCESSORS: Final = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _hours(value: float) -> float:
    if not 0 < value <= _LONGEST_HOURS:
        raise typer.BadParameter(f"{value} is out of range; give hours above 0 and up to {_LONGEST_HOURS}")
    return value


def _folder(text: str) -> Path:
    if not os.path.isdir(arguments.named(text)):  # noqa: PTH112 - Path's own raises for names that are too long
        raise typer.BadParameter(f"{text!a} is no folder; name one that holds stack files")
    return Path(text).resolve()


def _file(text: str) -> Path:
    if not os.path.isfile(arguments.named(text)):  # noqa: PTH113 - as above
        raise typer.BadParameter(f"{text!a} is no file that can be read; name one")
    return Path(text)


class _Side(StrEnum):
    HOME = "home"
    RECOVERY = "recovery"


class _Journey(StrEnum):
    APPOINTMENTS = "appointments"
    CONSULTATIONS = "consultations"
    PRESCRIPTIONS = "prescriptions"
    PAYMENTS = "payments"


_Cells = Annotated[list[str] | None, typer.Argument(metavar="CELL", show_default=False)]
_Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output, and nothing else there.")
]
_Stacks = Annotated[
    Path | None,
    typer.Option(
        parser=_folder,
        metavar="DIR",
        help="Take stack files from DIR instead of the project.",
    ),
]
_Jobs = Annotated[int, typer.Option(min=1, max=256, help="Cells that are built at the same time.")]
_Hours = Annotated[float, typer.Option(callback=_hours, help="Hours after which a forgotten cell ends itself.")]


@app.command()
def up(
    cells: _Cells = None,
    *,
    stacks: _Stacks = None,
    jobs: _Jobs = _PROCESSORS,
    once: Annotated[bool, typer.Option("--once", help="End the cells as soon as they were reported.")] = False,
    keep_hours: _Hours = 8,
    as_json: _Json = False,
) -> None:
    """Build CELLs (every stack file's, if none is named) and keep them standing until `sandbox down`.

    Each cell is built by the real program with its real stack file, in a process of its own, and then answers any AWS
    SDK or command line at an address of its own.

    A cell that stands already is ended and built anew, and what was put into it is lost: what stands is always what the
    files say now. With --once, what stands is left alone.

    Exit status: 0 all cells stand; 1 a cell failed, and the others stand; 2 refused before anything was started; 130
    interrupted, and what this command started was ended.
    """
    from ops.sandbox import commands  # noqa: PLC0415 - --help need not wait for it

    build = commands.Build(cells=tuple(cells or ()), stacks=stacks, jobs=jobs, keep_hours=None if once else keep_hours)
    raise typer.Exit(commands.up(build, as_json=as_json))


@app.command()
def serve(
    cells: _Cells = None,
    *,
    stacks: _Stacks = None,
    jobs: _Jobs = _PROCESSORS,
    keep_hours: _Hours = 8,
) -> None:
    """Bring up those CELLs that do not stand yet, print what to export for each, and stay until Ctrl-C.

    Ctrl-C ends the cells that this command brought up, and leaves those that stood before.
    """
    from ops.sandbox import commands  # noqa: PLC0415 - as above

    build = commands.Build(cells=tuple(cells or ()), stacks=stacks, jobs=jobs, keep_hours=keep_hours)
    raise typer.Exit(commands.serve(build))


@app.command()
def env(cell: Annotated[str, typer.Argument(metavar="CELL")], *, as_json: _Json = False) -> None:
    """Print what to export so that any AWS SDK or command line talks to CELL.

    In a shell: eval "$(python -m ops sandbox env us)"
    """
    from ops.sandbox import commands  # noqa: PLC0415 - as above

    raise typer.Exit(commands.env(cell, as_json=as_json))


@app.command()
def status(*, as_json: _Json = False) -> None:
    """List the cells that stand."""
    from ops.sandbox import commands  # noqa: PLC0415 - as above

    raise typer.Exit(commands.status(as_json=as_json))


@app.command()
def upload(
    file: Annotated[Path, typer.Argument(parser=_file, metavar="FILE", show_default=False)],
    *,
    cell: Annotated[str, typer.Option(metavar="CELL", help="The cell, which must stand.")],
    side: Annotated[_Side, typer.Option(help="The side that the file is uploaded to.")] = _Side.HOME,
    journey: Annotated[_Journey, typer.Option(help="The journey that hears of it.")] = _Journey.CONSULTATIONS,
    patience: Annotated[float, typer.Option(min=1, max=3600, help="Seconds that are waited.")] = 600,
    as_json: _Json = False,
) -> None:
    """Upload FILE to a cell that stands, wait for what becomes of it, and print that.

    The file goes to the side's bucket of uploads and nowhere else: what follows happens by itself. It is scanned,
    opened by the real functions, and what they make of it is copied to the other side.

    Text is what a PDF itself contains; the local cloud reads no pictures.

    Exit status: 0 converted; 1 not in time, or the cell does not stand; 2 refused before anything was uploaded; 3 the
    file was refused, and its status object says why.
    """
    from ops.sandbox import commands  # noqa: PLC0415 - as above
    from ops.sandbox.uploads.command import Errand  # noqa: PLC0415 - as above

    order = Errand(file=file, cell=cell, side=side.value, journey=journey.value, patience=patience)
    raise typer.Exit(commands.upload(order, as_json=as_json))


@app.command()
def down(cells: _Cells = None) -> None:
    """End CELLs (all that stand, if none is named) and wait until they are gone. That nothing stands is fine."""
    from ops.sandbox import commands  # noqa: PLC0415 - as above

    raise typer.Exit(commands.down(cells or []))
