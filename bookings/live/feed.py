"""The feed of one process: one task that looks at the tail for everybody, and what each listener is told.

A listener is told only after their account, session and rights were read anew, so nobody hears a thing once their access
has ended; streams that nothing was told on are looked at from time to time.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar
from weakref import WeakKeyDictionary

from django.contrib.sessions.models import Session
from django.db import connections
from django.utils import timezone

from bookings.live.hearing import readers_of
from bookings.live.tail import Tail
from bookings.live.telling import END, Telling
from bookings.models import BookingChange

logger = logging.getLogger(__name__)
T = TypeVar("T")

TICK_SECONDS = 0.3
#: A quiet stream ends at most so long after the access to it.
CHECK_SECONDS = 30.0
#: Without listeners the tail goes on for this long, for whoever goes from page to page.
LINGER_SECONDS = 60.0
#: Who reads so little of what they are told is sent away, and comes back with a page loaded anew.
MOST_UNREAD = 100


@dataclass(eq=False)
class Listener:
    """One open stream: whose it is, and what was not sent on it yet."""

    user_id: int
    session_key: str
    #: What a new password changes, which ends all other sessions.
    credential: str
    _unread: "asyncio.Queue[str | None]" = field(default_factory=lambda: asyncio.Queue(MOST_UNREAD))

    def tell(self, message: str | None) -> None:
        """Say something; None ends the stream without a word, and whoever listens comes back."""
        if self._unread.full():
            while not self._unread.empty():
                self._unread.get_nowait()
            message = None
        self._unread.put_nowait(message)

    async def next(self, *, patience: float) -> str | None:
        """Wait for what is said next. Raises TimeoutError."""
        return await asyncio.wait_for(self._unread.get(), patience)


class Feed:
    """Whoever listens in this process, and the task that tells them. All but the database belongs to the event loop."""

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self._tail: Tail | None = None
        self._has_begun = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._checked = 0.0
        # One thread, so one connection to the database for all streams.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="live")

    async def join(self, listener: Listener) -> None:
        """Let somebody listen: what is committed once this returns will be told."""
        self.listeners.add(listener)
        if self._task is None or self._task.done():
            self._has_begun.clear()
            self._task = asyncio.create_task(self._run(), name="live feed")
        await self._has_begun.wait()

    def leave(self, listener: Listener) -> None:
        self.listeners.discard(listener)

    def is_quiet_for(self, seconds: float) -> bool:
        """Whether it is certain that nothing happened in the last seconds."""
        return self._tail is not None and self._tail.is_quiet_since(time.monotonic() - seconds)

    async def _run(self) -> None:
        """Look again and again, until nobody has listened for a while."""
        self._checked = wanted = time.monotonic()
        try:
            while time.monotonic() - wanted < LINGER_SECONDS:
                await self._look()
                await asyncio.sleep(TICK_SECONDS)
                if self.listeners:
                    wanted = time.monotonic()
        except Exception:
            logger.exception("The live feed ends; it begins again with the next who listens.")
        finally:
            # Whoever still listens comes back and loads anew, so that what was found and not told is not missed.
            for listener in self.listeners:
                listener.tell(None)
            self._tail = None
            self._has_begun.set()
            self._thread.submit(connections.close_all)

    async def _look(self) -> None:
        if self._tail is None:
            began = time.monotonic()
            self._tail = await self._in_thread(lambda: Tail(now=timezone.now(), at=began))
            self._has_begun.set()
        tail = self._tail
        changes = await self._in_thread(lambda: tail.read(at=time.monotonic()))
        # Asked for only now: whoever came while the tail was read loads what it found, or is told.
        listeners = list(self.listeners)
        if not listeners or not (changes or time.monotonic() - self._checked > CHECK_SECONDS):
            return
        self._checked = time.monotonic()
        for listener, message in await self._in_thread(lambda: _messages(changes, listeners)):
            listener.tell(message)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _messages(changes: Sequence[BookingChange], listeners: Sequence[Listener]) -> list[tuple[Listener, str]]:
    """What each listener is told; END for whose access has ended. Three queries, whatever their number."""
    readers = readers_of({listener.user_id for listener in listeners})
    keys = {listener.session_key for listener in listeners}
    sessions = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    open_keys = set(sessions.values_list("session_key", flat=True))
    credentials = {number: reader.user.get_session_auth_hash() for number, reader in readers.items()}
    telling = Telling(changes)
    told = {number: telling.to(reader) for number, reader in readers.items()}
    messages = []
    for listener in listeners:
        is_open = listener.session_key in open_keys
        if not is_open or credentials.get(listener.user_id) != listener.credential:
            messages.append((listener, END))
        elif message := told[listener.user_id]:
            messages.append((listener, message))
    return messages


_feeds: "WeakKeyDictionary[asyncio.AbstractEventLoop, Feed]" = WeakKeyDictionary()


def feed() -> Feed:
    """The feed of this event loop, of which a process has one."""
    loop = asyncio.get_running_loop()
    if loop not in _feeds:
        _feeds[loop] = Feed()
    return _feeds[loop]


def send_all_away() -> None:
    """End every stream without a word, as a server that stops does; whoever listens comes back once there is one."""
    for listener in feed().listeners:
        listener.tell(None)
