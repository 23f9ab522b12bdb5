"""The command line of `python -m ops audit`. Imports nothing heavy: the work is loaded when it is asked for."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from ops import arguments, refusal

INCOMPLETE: Final = 3


class From(StrEnum):
    """What is read."""

    AUTO = "auto"
    BUCKET = "bucket"
    EVENTS = "events"


def _text(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("'' asks for nothing; give a name, or leave the option out")
    return text


def audit(  # noqa: PLR0913 - each parameter is an option of the command line
    cell: Annotated[str, typer.Argument(metavar="CELL", help="The cell, which is the name of its stack.")],
    *,
    who: Annotated[
        str | None,
        typer.Option(
            parser=_text,
            metavar="NAME",
            help="A user, a session of a role, a role, an ARN or a key's id; * stands for anything.",
        ),
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="2h, 3d, 2026-11-01 (its beginning in UTC) or 2026-11-01T14:00Z.")
    ] = "1d",
    until: Annotated[str | None, typer.Option(metavar="TIME", help="As --since; now if it is left out.")] = None,
    what: Annotated[
        str | None,
        typer.Option(parser=_text, metavar="CALL", help="A call, such as PutObject, s3:Get* or DeleteTrail."),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            parser=_text,
            metavar="PART",
            help="A part of what it was done to: of an ARN, a name, or BUCKET/KEY; uploads/... is of both sides.",
        ),
    ] = None,
    errors: Annotated[bool, typer.Option("--errors", help="Only what was refused or failed.")] = False,
    changes: Annotated[bool, typer.Option("--changes", help="Only what changes something.")] = False,
    limit: Annotated[
        int | None,
        typer.Option(min=1, max=1_000_000, metavar="N", help="Show the latest N events; 500 if it is left out."),
    ] = None,
    source: Annotated[
        From, typer.Option(help="Read the trail's files, CloudTrail's event history, or what there is.")
    ] = From.AUTO,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, and nothing else there.")
    ] = False,
    aws: Annotated[bool, typer.Option("--aws", help="Ask the cell's account, not the local cloud.")] = False,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="The profile of ~/.aws/config that is used with --aws.")
    ] = None,
    stacks: Annotated[
        Path | None,
        typer.Option(parser=arguments.named, metavar="DIR", help="Take stack files from DIR instead of the project."),
    ] = None,
) -> None:
    """Say who touched what, and when, from the trail of CELL.

    Without an option that asks for some events only, print a line for each person; otherwise each event. The trail's
    files are read from home's audit bucket or, if that cannot be read, from recovery's copy; event history adds what is
    not delivered yet. An answer that cannot know all that was asked says INCOMPLETE, and what it lacks.

    Exit status: 0 the answer is complete; 3 it is INCOMPLETE; 2 refused.
    """
    if profile is not None and not aws:
        refusal.show(refusal.RefusalError("--profile is of --aws: add --aws, or leave --profile out"), as_json=as_json)
        raise typer.Exit(refusal.STATUS)
    try:
        from ops.audit import telling, work  # noqa: PLC0415 - boto3 is slow to load, and --help need not wait for it
        from ops.audit.question import Question  # noqa: PLC0415 - as above
        from ops.console import console  # noqa: PLC0415 - as above
        from ops.engine.project import ROOT  # noqa: PLC0415 - as above

        found = work.answer(
            work.Asked(
                cell=cell,
                folder=stacks or ROOT,
                question=Question(who=who or "", what=what or "", on=on or "", errors=errors, changes=changes),
                since=since,
                until=until,
                source=work.Source(source.value),
                limit=limit,
                aws=aws,
                profile=profile,
            )
        )
    except refusal.RefusalError as error:
        refusal.show(error, as_json=as_json)
        raise typer.Exit(refusal.STATUS) from None
    if as_json:
        print(json.dumps(telling.as_json(found), indent=2, sort_keys=True))  # noqa: T201 - the answer
    else:
        telling.show(console(sys.stdout), found)
    raise typer.Exit(0 if found.complete else INCOMPLETE)
