"""What the service needs, real and in processes of their own: MariaDB, Valkey or Redis, and AWS as moto serves it.

Owns how it starts and ends, and the service on top of it. AWS STS is a server of the tests that checks signatures.
"""

from __future__ import annotations

import copy
import logging
import os
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from moto.server import ThreadedMotoServer

from bench.process import BenchError
from service.journeys import schema
from tests.service.certificates import Authority
from tests.service.drills import Person, Sts
from tests.service.running import Json, Service, section
from tests.service.servers import Aws, MariaDb, Valkey, find, free_port, wait_until
from tests.service.settings import configuration

_THERE: Final = f"SELECT COUNT(*) FROM information_schema.tables WHERE table_name = '{schema.TABLES[-1]}'"  # noqa: S608 - our own


@dataclass(frozen=True, kw_only=True)
class Stand:
    """What stands: the stores, what a service is told of them, and where AWS is."""

    folder: Path
    authority: Authority
    database: MariaDb
    cache: Valkey
    aws: Aws
    sts: Sts
    told: Json
    ends: ExitStack

    def start(self, kind: type[Service] = Service, **sections: Json) -> Service:
        """A service that answers, with a port of its own; it ends with the stand. `sections` are told otherwise."""
        told = {**copy.deepcopy(self.told), **sections}
        section(told, "listen")["port"] = free_port()
        folder = self.folder / f"service-{section(told, 'listen')['port']}"
        folder.mkdir()
        service = kind(folder, told, self.authority.certificate, self.aws.endpoint, self.sts.endpoint)
        self.ends.callback(service.stop)
        service.start()
        wait_until(lambda: self.database.ask(_THERE) == 1, "the tables")
        return service


@contextmanager
def standing(folder: Path, people: Sequence[Person], *options: str) -> Generator[Stand]:
    """Start everything, for visitors who are these `people`, and end it. `options` are for MariaDB.

    Raises:
        BenchError: MariaDB, or Valkey or Redis, is not on this machine.
    """
    if not (find("mariadbd") and find("valkey-server", "redis-server")):
        raise BenchError("MariaDB and Valkey or Redis are needed: run tests/install-services as root")
    os.environ |= {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # moto's server would tell of each request
    with ExitStack() as ends:
        moto = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
        moto.start()
        ends.callback(moto.stop)
        host, port = moto.get_host_and_port()
        aws, authority = Aws(f"http://{host}:{port}"), Authority(folder, "authority")
        (folder / "db").mkdir()
        (folder / "cache").mkdir()
        database = MariaDb(folder / "db", authority, *options)
        ends.callback(database.stop)
        database.install()
        cache = Valkey(folder / "cache", authority)
        ends.callback(cache.stop)
        cache.start()
        sts = ends.enter_context(Sts(*people))
        yield Stand(
            folder=folder,
            authority=authority,
            database=database,
            cache=cache,
            aws=aws,
            sts=sts,
            told=configuration(aws, authority, database, cache),
            ends=ends,
        )
