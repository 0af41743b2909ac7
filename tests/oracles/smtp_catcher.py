"""A real SMTP server on loopback that keeps what it accepts and shows faults on request.

In a test:

    with Catcher() as catcher:
        ...  # the product sends to catcher.host, catcher.port
        catcher.wait_for(2)
        mails = catcher.mails()

As a process of its own, which outlives the test that started it and keeps each mail on disk before it answers:

    python -m tests.oracles.smtp_catcher --port 0 --dir DIR      # prints "listening on 127.0.0.1:PORT"
"""

import argparse
import asyncio
import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.oracles.mail import Mail
from tests.oracles.received import Received, last_number, now, write_received
from tests.oracles.smtp_faults import EVERYBODY, Faults, Refusal

Hook = Callable[[Received], object]


class Catcher:
    """An SMTP server in a thread. Every method may be called from any thread, also from a hook."""

    def __init__(self, *, port: int = 0, host: str = "127.0.0.1", folder: Path | None = None) -> None:
        """Choose a free port where `port` is 0; write each accepted mail into `folder` too, where one is given."""
        self.host = host
        self.faults = Faults()
        self.connections = 0  # how many clients ever connected
        self.refused: list[str] = []  # recipients turned away, in order
        self._folder = folder
        self._number = last_number(folder) if folder else 0
        self._received: list[Received] = []
        self._changed = threading.Condition()
        self._before_answer: list[Hook] = []
        self._after_answer: list[Hook] = []
        self._sessions: set[_Connection] = set()
        self._server: asyncio.Server | None = None
        self._socket = _bound_socket(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="smtp-catcher", daemon=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Accept connections; return itself."""
        self._thread.start()
        self._do(self._open())
        return self

    def stop(self) -> None:
        """Close everything and give up the port. A stopped catcher cannot be started again; its mails stay."""
        if not self._thread.is_alive():
            return
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._socket.close()

    # What came

    @property
    def messages(self) -> list[Received]:
        """All accepted mails in order of arrival, those included whose sender got no answer."""
        with self._changed:
            return list(self._received)

    def mails(self) -> list[Mail]:
        """The same, parsed."""
        return [received.mail for received in self.messages]

    def mails_to(self, address: str) -> list[Mail]:
        """The mails whose envelope names this address."""
        return [mail for mail in self.mails() if address.lower() in mail.recipients]

    def wait_for(
        self, wanted: int | Callable[[list[Received]], object], timeout: float = 60.0
    ) -> list[Received]:
        """Wait until that many mails came, or until the predicate on all mails holds; return them all.

        Raises AssertionError after `timeout` seconds, naming what did come.
        """
        holds = wanted if callable(wanted) else lambda received: len(received) >= wanted
        with self._changed:
            in_time = self._changed.wait_for(lambda: holds(list(self._received)), timeout)
            received = list(self._received)
        came = "\n".join(f"  {found.mail.subject!r} to {', '.join(found.recipients)}" for found in received)
        assert in_time, f"after {timeout} s only {len(received)} mails came:\n{came}"
        return received

    def wait_for_quiet(self, seconds: float = 0.5, timeout: float = 120.0) -> list[Received]:
        """Wait until nothing came for `seconds`; return all mails. For tests that expect no further mail."""
        end = time.monotonic() + timeout
        with self._changed:
            while self._changed.wait(seconds):
                assert time.monotonic() < end, f"mails still came after {timeout} s"
            return list(self._received)

    def clear(self) -> None:
        """Forget the mails so far; numbers and files go on."""
        with self._changed:
            self._received.clear()

    def save_to(self, folder: Path) -> list[Path]:
        """Write all mails so far into a folder as files to look at; return the .eml files."""
        folder.mkdir(parents=True, exist_ok=True)
        return [write_received(folder, received) for received in self.messages]

    # Faults; each stays until healed unless it has a number of times

    def refuse(
        self, address: str = EVERYBODY, *, reply: str = "550 5.1.1 No such user", times: int | None = None
    ) -> None:
        """Answer RCPT for this address (or everybody) with `reply`, a permanent 5xx or a passing 4xx."""
        self.faults.recipients[address.lower()] = Refusal(reply, times)

    def refuse_data(self, *, reply: str = "451 4.3.0 Try again later", times: int | None = None) -> None:
        """Answer the end of a mail with `reply` and do not keep it."""
        self.faults.data = Refusal(reply, times)

    def drop_after_data(self, times: int = 1) -> None:
        """Keep the next mails but drop the connection instead of the final 250: the sender cannot know."""
        self.faults.keep_and_drop = times

    def lose_after_data(self, times: int = 1) -> None:
        """Drop the connection at the end of the next mails without keeping them."""
        self.faults.lose_and_drop = times

    def delay_answers(self, seconds: float) -> None:
        """Keep each mail at once but answer its end that much later."""
        self.faults.answer_seconds = seconds

    def delay_greeting(self, seconds: float) -> None:
        """Greet each new connection that much later, as a hung server does."""
        self.faults.greeting_seconds = seconds

    def heal(self) -> None:
        """Show no faults any more, and come up when down. Hooks stay."""
        self.faults = Faults()
        self.come_up()

    def go_down(self) -> None:
        """Refuse connections and cut those that are open. The port stays reserved."""
        self._do(self._close())

    def come_up(self) -> None:
        """Accept connections again on the same port; nothing happens when it already does."""
        self._do(self._open())

    # Hooks; they run in the server's thread, which serves nobody meanwhile

    def before_answer(self, hook: Hook) -> None:
        """Call `hook` when a mail is kept and its 250 not yet sent."""
        self._before_answer.append(hook)

    def after_answer(self, hook: Hook) -> None:
        """Call `hook` when the 250 of a mail has been sent."""
        self._after_answer.append(hook)

    def kill_after_answer(
        self, pid: Callable[[], int], *, when: Callable[[Received], object]
    ) -> threading.Event:
        """Kill a sending process right after the 250 of the first mail for which `when` holds.

        The process is stopped (SIGSTOP) before the 250 leaves and killed (SIGKILL) after it, so it can never act on
        the answer. Returns an event that is set when it was killed.
        """
        done = threading.Event()
        chosen: list[Received] = []

        def stop(received: Received) -> None:
            if not chosen and when(received):
                chosen.append(received)
                os.kill(pid(), signal.SIGSTOP)

        def kill(received: Received) -> None:
            if chosen == [received] and not done.is_set():
                os.kill(pid(), signal.SIGKILL)
                done.set()

        self.before_answer(stop)
        self.after_answer(kill)
        return done

    # The server's side

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        leftover = asyncio.all_tasks(self._loop)
        for task in leftover:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*leftover, return_exceptions=True))
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` in the server's loop; wait for it unless called from there."""
        if threading.current_thread() is self._thread:
            task = self._loop.create_task(work)
            task.add_done_callback(lambda finished: finished.result())
            return
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=60)

    async def _open(self) -> None:
        if self._server is None:
            self._server = await self._loop.create_server(lambda: _Connection(self), sock=self._socket)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
            # Bound but not listening: connections are refused, and nobody else gets the port.
            self._socket = _bound_socket(self.host, self.port)
        for session in list(self._sessions):
            session.cut()

    def _keep(self, envelope: Envelope, *, is_answered: bool) -> Received:
        with self._changed:
            self._number += 1
            received = Received(
                number=self._number,
                raw=bytes(envelope.original_content or b""),
                mail_from=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                at=now(),
                is_answered=is_answered,
            )
            if self._folder:
                write_received(self._folder, received)
            self._received.append(received)
            self._changed.notify_all()
        return received


class _Connection(SMTP):
    """One client's connection: aiosmtpd speaks, this decides the answers that matter."""

    def __init__(self, catcher: Catcher) -> None:
        super().__init__(self, hostname="catcher.test", ident="Catcher", loop=asyncio.get_running_loop())
        self._catcher = catcher
        self._answering: Received | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._catcher.connections += 1
        self._catcher._sessions.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._catcher._sessions.discard(self)
        super().connection_lost(error)

    def cut(self) -> None:
        """Drop the connection at once, with nothing said."""
        if self.transport is not None:
            self.transport.abort()

    async def push(self, status: str | bytes) -> None:
        """Send a reply line; the greeting may be late, the 250 of a mail has its hooks."""
        words = status if isinstance(status, str) else status.decode()
        if words.startswith("220 "):
            await asyncio.sleep(self._catcher.faults.greeting_seconds)
        await super().push(status)
        if self._answering is not None:
            received, self._answering = self._answering, None
            for hook in self._catcher._after_answer:
                hook(received)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self._catcher.faults.refuse_recipient(address)
        if reply:
            self._catcher.refused.append(address)
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        catcher, faults = self._catcher, self._catcher.faults
        reply = faults.refuse_data()
        if reply:
            return reply
        if faults.take_lose_and_drop():
            return await self._vanish()
        is_dropped = faults.take_keep_and_drop()
        received = catcher._keep(envelope, is_answered=not is_dropped)
        for hook in catcher._before_answer:
            hook(received)
        await asyncio.sleep(faults.answer_seconds)
        if is_dropped:
            return await self._vanish()
        self._answering = received
        return "250 OK kept"

    async def _vanish(self) -> str:
        """Cut the connection and wait for aiosmtpd to end this task for it."""
        self.cut()
        await asyncio.Event().wait()
        return ""


def _bound_socket(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound


def main(arguments: list[str] | None = None) -> None:
    """Run a catcher in this process until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description="Keep every mail that is sent here.")
    parser.add_argument("--port", type=int, default=0, help="0 chooses a free one")
    parser.add_argument(
        "--dir", type=Path, required=True, help="where NNNNNN.eml and NNNNNN.json are written"
    )
    parser.add_argument(
        "--refuse", action="append", default=[], metavar="ADDRESS=REPLY", help="such as 'a@b.c=550 No'"
    )
    parser.add_argument(
        "--drop", type=int, default=0, metavar="N", help="keep the first N mails, never answer them"
    )
    parser.add_argument(
        "--delay", type=float, default=0.0, metavar="SECONDS", help="answer each mail that much later"
    )
    given = parser.parse_args(arguments)
    given.dir.mkdir(parents=True, exist_ok=True)
    catcher = Catcher(port=given.port, folder=given.dir)
    for rule in given.refuse:
        address, _, reply = rule.partition("=")
        catcher.refuse(address, reply=reply)
    catcher.drop_after_data(given.drop)
    catcher.delay_answers(given.delay)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with catcher, contextlib.suppress(KeyboardInterrupt):
        print(f"listening on {catcher.host}:{catcher.port}", flush=True)
        ended.wait()


if __name__ == "__main__":
    main()
