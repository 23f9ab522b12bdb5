"""`python -m bench.load SPEC`: visitors of the service, in a process of their own; prints what they met as JSON.

Each visitor keeps one connection and asks again as soon as it is answered. A little client over the standard library's
streams, because a large one would be slower than what it measures.
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_OK: Final = b"HTTP/1.1 200 "
_LENGTH: Final = b"content-length: "
_WAIT_SECONDS: Final = 10.0


@dataclass
class Met:
    """What the visitors met: seconds of each answer that was good, and how many were not."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0


class Visitor:
    """One connection."""

    def __init__(self, spec: dict[str, Any], met: Met) -> None:
        """Keep where to ask, and as whom."""
        self._port = int(spec["port"])
        self._tls = ssl.create_default_context(cafile=spec["authority"])
        self._requests = [
            (
                f"GET {spec['path']} HTTP/1.1\r\nHost: localhost\r\nx-medical-identity: {claim}\r\n"
                "X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678\r\n\r\n"  # as the load balancer adds
            ).encode()
            for claim in spec["claims"]
        ]
        self._met = met

    async def ask_each(self) -> None:
        """Ask once as each, one after the other."""
        reader, writer = await asyncio.open_connection("localhost", self._port, ssl=self._tls)
        for request in self._requests:
            await _answer(reader, writer, request)
        await _close(writer)

    async def ask_until(self, end: float) -> None:
        """Ask as anybody until the clock says so."""
        reader, writer = await asyncio.open_connection("localhost", self._port, ssl=self._tls)
        while time.perf_counter() < end:
            began = time.perf_counter()
            if await _answer(reader, writer, random.choice(self._requests)):  # noqa: S311 - no secret
                self._met.seconds.append(time.perf_counter() - began)
            else:
                self._met.errors += 1
        await _close(writer)


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bool:
    writer.write(request)
    async with asyncio.timeout(_WAIT_SECONDS):
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(_LENGTH))
        await reader.readexactly(int(length.removeprefix(_LENGTH)))
    return head.startswith(_OK)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    await writer.wait_closed()


async def _visit(spec: dict[str, Any]) -> dict[str, float]:
    met = Met()
    await Visitor(spec, met).ask_each()
    began = time.perf_counter()
    end = began + float(spec["seconds"])
    await asyncio.gather(*(Visitor(spec, met).ask_until(end) for _ in range(int(spec["visitors"]))))
    elapsed = time.perf_counter() - began
    return {
        "errors": met.errors,
        "median": statistics.median(met.seconds),
        "p99": statistics.quantiles(met.seconds, n=100)[98],
        "rate": len(met.seconds) / elapsed,
    }


if __name__ == "__main__":
    document: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.stdout.write(json.dumps(asyncio.run(_visit(document))))
