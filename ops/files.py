"""Files that people name on the command line: read and written only where they are regular files."""

from __future__ import annotations

import contextlib
import errno
import secrets
import stat
from pathlib import Path


def read(path: Path) -> bytes:
    """The content of `path`.

    Raises:
        OSError: it cannot be read, or is a pipe or a device, which might never end.
    """
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise _not_regular(path)
    return path.read_bytes()


def write(path: Path, content: str) -> None:
    """Put `content` into `path` whole or not at all; where `path` is a link, into what it leads to.

    Raises:
        OSError: it cannot be written, or something other than a regular file is there.
        ValueError: no file can have this name.
    """
    target = writable(path)
    part = target.with_name(f".part-{secrets.token_hex(8)}")
    try:
        with part.open("x", encoding="utf-8") as file:
            file.write(content)
        part.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def writable(path: Path) -> Path:
    """Where `write` would put the content of `path`.

    Raises:
        OSError: something other than a regular file is there, or no folder to put it into.
        ValueError: no file can have this name.
    """
    try:
        target = path.resolve()
    except RuntimeError:  # what Python before 3.13 says of links that lead to each other
        raise OSError(errno.ELOOP, "links lead to each other", str(path)) from None
    if target.exists() and not target.is_file():
        raise _not_regular(path)
    if not target.parent.is_dir():
        raise OSError(errno.ENOENT, f"there is no folder {target.parent}", str(path))
    return target


def _not_regular(path: Path) -> OSError:
    return OSError(errno.EINVAL, "is not a regular file", str(path))
