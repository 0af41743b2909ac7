"""`manage.py serve`: the embedded run. One process that serves pages and holds the worker and the clock as threads."""

import fcntl
import signal
import socket
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from bookinghub.celery import app
from bookings import outbox
from bookings.live.feed import send_all_away

WORKER_THREADS = 4
STOP_SECONDS = 5


class Command(BaseCommand):
    help = "Serve the hub, its worker and its clock from one process."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--demo", action="store_true", help="load the demo team when the database is new")

    def handle(self, *, host: str, port: int, demo: bool, **_options: Any) -> None:
        # uvicorn hands a signal back once it has shut down; for us that is a normal end, not a death.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            with only_one(settings.DATA_DIR, address=settings.BASE_URL):
                listener = listen(host, port)
                is_new = prepare_database()
                if is_new and demo and "seed_demo" in get_commands():
                    call_command("seed_demo", stdout=self.stdout)
                if settings.CELERY_BROKER_URL.startswith("memory:"):
                    # Nobody else can be at work: what a killed run had taken need not wait for its lease.
                    outbox.release_leases()
                    connections.close_all()
                with worker_and_clock():
                    serve(listener, announce=self.announce)
        except KeyboardInterrupt:
            pass
        self.stdout.write("Stopped.")

    def announce(self) -> None:
        self.stdout.write(f"Booking Hub is ready at {settings.BASE_URL}/  (Ctrl-C stops it)")
        if settings.HAS_DEV_MAIL:
            self.stdout.write(f"Mail is not sent but kept, readable at {settings.BASE_URL}/dev/mail/")
        self.stdout.flush()


@contextmanager
def only_one(folder: Path, *, address: str) -> Iterator[None]:
    """Hold the data folder's lock, which the system drops however this process ends.

    Raises CommandError, naming the first one's address, when another process holds it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "serve.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            first = file.read().strip() or "an address not yet known"
            raise CommandError(f"Booking Hub already runs on the data in {folder}, at {first}") from None
        file.truncate(0)
        file.write(address)
        file.flush()
        yield


def listen(host: str, port: int) -> socket.socket:
    """Bind the port before anything else is started; raises CommandError when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay (40 ms an answer) off only on sockets that name TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        raise CommandError(f"Port {port} on {host}: {error.strerror}. Choose another with --port.") from None
    return listener


def prepare_database() -> bool:
    """Bring the tables up to date; return whether there were none before."""
    if not settings.IS_POSTGRES:
        Path(settings.DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    executor = MigrationExecutor(connection)
    is_new = not executor.loader.applied_migrations
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    connections.close_all()
    return is_new


@contextmanager
def worker_and_clock() -> Iterator[None]:
    """Run Celery's worker and beat as threads, and stop them at the end."""
    # Imported here: these cost a fifth of a second that other commands need not pay.
    from celery.beat import EmbeddedService

    worker = app.WorkController(
        pool="threads",
        concurrency=WORKER_THREADS,
        without_heartbeat=True,
        without_mingle=True,
        without_gossip=True,
    )
    # Without a class it would keep the static schedule in a file of the current folder.
    clock = EmbeddedService(app, thread=True, scheduler_cls=app.conf.beat_scheduler)
    threads = [threading.Thread(target=worker.start, name="worker", daemon=True), clock]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        clock.service.stop()
        worker.stop()
        for thread in threads:
            thread.join(STOP_SECONDS)


def serve(listener: socket.socket, *, announce: Any) -> None:
    """Answer requests until Ctrl-C or SIGTERM; what is still open then gets two seconds to end."""
    config = uvicorn.Config(
        "bookinghub.asgi:application",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=2,
    )
    AnnouncingServer(config, announce).run(sockets=[listener])


class AnnouncingServer(uvicorn.Server):
    """A server that says when it answers, and ends the live streams when it stops."""

    def __init__(self, config: uvicorn.Config, announce: Any) -> None:
        super().__init__(config)
        self.announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self.announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        send_all_away()
        await super().shutdown(sockets=sockets)
