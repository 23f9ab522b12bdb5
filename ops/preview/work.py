"""Carries a preview out: runs the program, reads and writes saved previews, and prints what was asked for."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, TextIO

import pulumi

import settings
from domain.residency import Jurisdiction
from ops import arguments, files
from ops.console import console
from ops.cost import bill, usage
from ops.engine import owners, project, runner
from ops.engine.synthetic import Synthetic
from ops.preview import brief, budgets, diff, findings, model, moves, moving, render, timeline, timeline_table, warnings
from ops.refusal import RefusalError
from ops.residency import flows
from settings import SettingsError

DIFFERENT: Final = 1  # the exit status of a difference, if asked for
FOUND: Final = 3  # the exit status of a finding as bad as --fail-on, if asked for


@dataclass(frozen=True, kw_only=True)
class Options:
    """What was asked for on the command line; `settings` are texts KEY=VALUE, `release` names of instances."""

    cell: str
    as_json: bool = False
    summary: bool = False
    timeline: bool = False
    save: Path | None = None
    html: Path | None = None
    against: str | None = None
    brief: bool = False
    exit_code: bool = False
    fail_on: str | None = None
    settings: tuple[str, ...] = ()
    release: tuple[str, ...] = ()
    stacks: Path | None = None

    @property
    def folder(self) -> Path:
        """Where the stack files are."""
        return self.stacks or project.ROOT


def run(options: Options, out: TextIO) -> int:
    """Do what `options` ask for, print it on `out`, and give the exit status.

    Raises:
        RefusalError: the options, a stack's configuration or a file cannot be used.
    """
    _refuse_what_does_not_go_together(options)
    overrides = arguments.laid_over(options.settings)
    _check_files(options)
    asked = moving.asked(options.cell, options.folder, overrides, options.release)
    if asked:
        overrides = {**overrides, **asked.overrides}
    before = _other(options.against, options.folder) if options.against is not None else None
    found = preview(options.cell, folder=options.folder, overrides=overrides)
    if options.save:
        _write("--save", options.save, found.to_json())
    if before is None and asked:
        plan = asked.plan(diff.compare(preview(options.cell, folder=options.folder, overrides=asked.base), found))
        _write_page(options.html, found, plan.difference)
        _print_move(plan, options, out)
        return DIFFERENT if plan.lost else _judged(found, options)
    difference = diff.compare(before, found) if before else None
    _write_page(options.html, found, difference)
    _print(found, difference, options, out)
    return DIFFERENT if options.exit_code and difference else _judged(found, options)


def _print(found: model.Preview, difference: diff.Difference | None, options: Options, out: TextIO) -> None:
    """What was asked for of a preview, or of its difference from another."""
    if options.brief:
        out.write(brief.text(brief.new(found) if difference is None else difference))
    elif options.timeline:
        _print_timeline(found, options, out)
    elif difference is None:
        _print_preview(found, options, out)
    else:
        _print_difference(difference, options, out)


def _refuse_what_does_not_go_together(options: Options) -> None:
    if options.exit_code and options.against is None:
        raise RefusalError("--exit-code says whether --against differs; give --against CELL_OR_FILE as well")
    if options.timeline and options.against is not None:
        raise RefusalError("--timeline shows one deployment, and --against a difference; give one of them")
    if options.brief and (options.as_json or options.timeline):
        raise RefusalError("--brief is a text of its own; give it without --json and --timeline")
    if options.fail_on not in (None, *findings.SEVERITIES):
        known = ", ".join(findings.SEVERITIES)
        raise RefusalError(f"--fail-on {options.fail_on!r} is no severity; give one of {known}")


def _judged(found: model.Preview, options: Options) -> int:
    """The exit status that the findings ask for."""
    return FOUND if options.fail_on is not None and findings.fails(found.findings, options.fail_on) else 0


def preview(
    cell: str, *, folder: Path, overrides: Mapping[str, str] | None = None, today: date | None = None
) -> model.Preview:
    """What the program declares for `cell`, with `overrides` laid over its stack file in `folder`.

    What has an end (support of an engine, an exemption) is judged as of `today`, which is the real day if not given.

    Raises:
        RefusalError: there is no such cell, or its configuration is refused.
    """
    try:
        stack = project.load(cell, folder=folder, overrides=overrides)
        program = runner.run(stack, Synthetic())
        owners.refuse_rivals(stack, folder)
        jurisdiction = Jurisdiction(stack.config[f"{stack.project}:jurisdiction"])
        residency = flows.build(program, jurisdiction).as_json()
        stated = settings.load(stack.name, stack.stated)
        used = usage.usage(stated)
        return model.build(
            stack,
            program,
            budgets=budgets.of(stack),
            residency=_plain(residency),
            findings=findings.of(program, today or datetime.now(UTC).date()),
            cost=_plain(bill.build(program, used).as_json()),
            timeline=_plain(timeline.build(program).as_json()),
            warnings=warnings.of(stated),
        )
    except SettingsError as error:
        raise RefusalError(str(error), [vars(problem) for problem in error.problems]) from None
    except (project.ProjectError, runner.ProgramError, pulumi.RunError) as error:
        raise RefusalError(str(error)) from None


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """`value` as JSON gives it back, so that a saved preview equals the one that it was saved from."""
    return dict(json.loads(json.dumps(value)))


def _other(text: str, folder: Path) -> model.Preview:
    """The preview of the cell called `text`, or the one that is saved in that file."""
    known = project.cells(folder)
    if text in known:
        return preview(text, folder=folder)
    neither = f"--against {text!r} is neither a cell nor a file; the cells are {', '.join(known) or 'none'}"
    if not text:
        raise RefusalError(neither)
    try:
        return model.from_json(files.read(Path(text)))
    except FileNotFoundError:
        raise RefusalError(neither) from None
    except OSError as error:
        raise RefusalError(f"--against {text!r} cannot be read: {error.strerror}") from None
    except ValueError:
        raise RefusalError(f"--against {text!r} is no saved preview; 'preview CELL --save FILE' writes one") from None


def _check_files(options: Options) -> None:
    """Refuse names that cannot be written at once: a run takes seconds."""
    for option, path in (("--save", options.save), ("--html", options.html)):
        if path:
            with _saving(option, path):
                files.writable(path)
    if options.save and options.html and options.save.resolve() == options.html.resolve():
        raise RefusalError(f"--save and --html both name {str(options.html)!r}; give each a file of its own")


def _write_page(path: Path | None, found: model.Preview, difference: diff.Difference | None) -> None:
    if path:
        from ops.preview.page import render as page  # noqa: PLC0415 - templates are loaded where a page is asked for

        _write("--html", path, page.html(found, difference))


def _write(option: str, path: Path, content: str) -> None:
    with _saving(option, path):
        files.write(path, content)


@contextmanager
def _saving(option: str, path: Path) -> Generator[None]:
    """Make a refusal of what goes wrong with the file that `option` names."""
    try:
        yield
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise RefusalError(
            f"{option} {str(path)!r} cannot be written: {reason}; name a file in a folder that you may write"
        ) from None


def _print_preview(found: model.Preview, options: Options, out: TextIO) -> None:
    if options.as_json:
        out.write(found.to_json(summary=options.summary))
    else:
        render.preview(console(out), found, summary=options.summary)


def _print_timeline(found: model.Preview, options: Options, out: TextIO) -> None:
    if options.as_json:
        out.write(json.dumps(found.timeline, indent=2, sort_keys=True) + "\n")
        return
    to = console(out)
    for line in timeline_table.lines(found.timeline):
        to.print(line)


def _print_difference(found: diff.Difference, options: Options, out: TextIO) -> None:
    if options.as_json:
        out.write(json.dumps(render.difference_json(found), indent=2, sort_keys=True) + "\n")
    else:
        render.difference(console(out), found, summary=options.summary)


def _print_move(found: moves.Plan, options: Options, out: TextIO) -> None:
    if options.as_json:
        content = {**moves.as_json(found), "difference": render.difference_json(found.difference)}
        out.write(json.dumps(content, indent=2, sort_keys=True) + "\n")
        return
    shown = console(out)
    if not options.summary:
        render.difference(shown, found.difference, summary=False)
    render.move(shown, found)
