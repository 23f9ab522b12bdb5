"""``python -m service``: read the configuration, connect the parts, serve."""

import argparse
import os
import ssl
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from service import app, config, continuity, logs, server, tls
from service.bucket import Bucket
from service.cache import Cache
from service.config import Config
from service.credentials import RotatingSecret, Vault
from service.database import Database
from service.identity import Identity, Limits
from service.journeys import clinics, shelf
from service.journeys.calendar import Answers, Calendar
from service.journeys.ledger import Ledger
from service.journeys.listener import Listener
from service.journeys.routes import Counter, routes
from service.journeys.shelf import Shelf
from service.journeys.worker import Worker
from service.markers import Markers
from service.metrics import OUTBOX_AGE, Metrics
from service.queues import Queues
from service.readiness import Readiness
from service.rows import Rows
from service.rules import ConfigError
from service.topics import Topics

WALKERS = Limits(at_a_time=16, remembered=1024)
"""Clinics are many, and ask again when their claims are forgotten together."""

_HELP = """
The web service of one side of one cell: HTTPS with its own database, cache and buckets.

GET /livez   200 while the process serves; touches nothing else
GET /readyz  200 if the side can serve (ready, or read-only on a replica), else 503
GET /        the same for people

/journeys/...    book, consult, prescribe, pay, for whom AWS STS confirms: docs/journeys.md

PUT /continuity/markers/<run>/<number>   for drills: write a marker as a row and as an object
GET /continuity/markers/<run>            for drills: the checksums of the markers that are there
"""

_MORE = f"""
The configuration is the JSON file named by {config.VARIABLE} (default {config.DEFAULT_PATH}):

{config.__doc__.split("::", 1)[1].strip(chr(10)) if config.__doc__ else ""}

Credentials for AWS are the instance's own; AWS_ENDPOINT_URL sends the calls elsewhere, for tests.
Stop it with SIGTERM: it becomes unready at once and has {server.DRAIN_SECONDS} s to finish requests.

exit status: 0 stopped or checked, 2 configuration refused (one line says why), 3 could not listen
"""


def main(answers: Callable[[Cache], Answers] = Shelf) -> int:
    """Return the exit status. ``answers`` are kept ready by what it gives, from the cache."""
    parser = argparse.ArgumentParser(
        "python -m service", description=_HELP, epilog=_MORE, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="read the configuration and its files, then exit")
    arguments = parser.parse_args()
    path = Path(os.environ.get(config.VARIABLE) or config.DEFAULT_PATH)
    try:
        settings = config.load(path)
        _certificates(settings)
    except ConfigError as error:
        sys.stderr.write(f"refused: {error}\n")
        return 2
    if arguments.check:
        place = f"cell {settings.cell}, {settings.side}, {settings.region}, release {settings.release!a}"
        sys.stdout.write(f"{path} is valid: {place}\n")
        return 0
    _serve(settings, answers)
    return 0


def _certificates(settings: Config) -> ssl.SSLContext:
    """Return the listener's TLS context, having read every certificate that the configuration names."""
    for key, authority in (("database.ca", settings.database.authority), ("cache.ca", settings.cache.authority)):
        try:
            tls.client_context(authority)
        except OSError as error:
            raise ConfigError(
                f"{key} is {str(authority)!a}, which cannot be used ({_cause(error)}): it must hold the authority's "
                "certificate as PEM; put it there or give another path"
            ) from None
    try:
        return tls.server_context(settings.listen.certificate, settings.listen.key)
    except OSError as error:
        raise ConfigError(
            f"listen.certificate {str(settings.listen.certificate)!a} with listen.key {str(settings.listen.key)!a} "
            f"cannot be used ({_cause(error)}): they must be a PEM certificate and its plain key; write them first"
        ) from None


def _cause(error: OSError) -> str:
    if isinstance(error, ssl.SSLError):
        return error.reason or "not what it should be"
    return error.strerror or type(error).__name__


def _serve(settings: Config, answers: Callable[[Cache], Answers]) -> None:
    logs.configure()
    vault = Vault(settings.region)
    database = Database(
        settings.database,
        RotatingSecret(settings.database.secret, ("username", "password"), vault.read, vault.read_previous),
    )
    cache_secret = RotatingSecret(settings.cache.secret, ("token",), vault.read)
    cache = Cache(settings.cache, cache_secret)
    uploads = Bucket(settings.buckets.uploads, settings.region)
    readiness = Readiness({"database": database.role, "cache": cache.ping, "bucket": uploads.check})

    markers = Markers(Rows(database), uploads)
    drills = Identity(settings.cell, settings.drill) if settings.drill else None
    # The journeys' cache is asked on the way of every list, and so waits less long than the check of readiness.
    quick = Cache(settings.cache, cache_secret, shelf.SECONDS)
    walkers = Identity(
        settings.cell, clinics.callers(settings.cell, settings.account, settings.regions), limits=WALKERS
    )
    metrics = Metrics(settings.region, {"Cell": settings.cell, "Side": settings.side})
    worker = Worker(database, settings.topics, Topics(settings.region).publish, partial(metrics.put, OUTBOX_AGE))
    queues = Queues(settings.region)
    listener = Listener(database, settings.queues, queues.receive, queues.delete)
    counter = Counter(
        cell=settings.cell,
        identity=walkers,
        database=database,
        ledger=Ledger(database, settings.topics),
        calendar=Calendar(database, answers(quick)),
    )

    def stop() -> None:
        readiness.stop()
        listener.stop()

    def close() -> None:
        readiness.close()
        markers.close()
        walkers.close()
        worker.close()
        listener.close()
        if drills:
            drills.close()
        database.close()
        cache.close()
        quick.close()

    place = {"side": settings.side, "region": settings.region}
    for_drills = continuity.routes(place, drills, markers) if drills else []
    application = app.build(settings, readiness, close, [*for_drills, *routes(counter)])
    worker.start()
    listener.start()
    server.serve(settings.listen, _certificates(settings), application, stop)


if __name__ == "__main__":
    sys.exit(main())
