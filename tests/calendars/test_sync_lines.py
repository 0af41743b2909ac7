"""Slow servers: the accounts of each stand in a line of their own, and keep nobody else waiting."""

import threading

import pytest

from calendars import sync

pytestmark = pytest.mark.usefixtures("read_here")


def test_a_slow_server_keeps_one_thread_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """All accounts of one server stand in one line; those of others go on, and what comes meanwhile is not lost.

    Break: let `work` do it without a line.
    """
    lines, hangs, reached = sync._Lines(), threading.Event(), threading.Event()
    done: list[tuple[int, str]] = []

    def read_slowly(pk: int) -> None:
        if pk == 1:
            reached.set()
            hangs.wait(20)
        done.append((pk, threading.current_thread().name))

    first = threading.Thread(target=lines.work, args=(1, "slow", read_slowly), name="slow")
    first.start()
    assert reached.wait(20)
    for pk in (2, 3, 2):
        lines.work(pk, "slow", read_slowly)
    lines.work(4, "quick", read_slowly)
    assert [pk for pk, _ in done] == [4]
    hangs.set()
    first.join(20)
    assert done[1:] == [(1, "slow"), (2, "slow"), (3, "slow")]
    lines.work(5, "slow", read_slowly)
    assert done[-1][0] == 5


def test_half_of_the_threads_read_no_calendars() -> None:
    """What finds no thread is done by those that read already. Break: leave MOST_AT_ONCE out of `_next`, or drop what waits."""
    lines, hangs, reached, done = sync._Lines(), threading.Event(), threading.Semaphore(0), []

    def hang(pk: int) -> None:
        reached.release()
        hangs.wait(20)
        done.append(pk)

    numbers = range(lines.MOST_AT_ONCE)
    threads = [threading.Thread(target=lines.work, args=(n, f"server {n}", hang)) for n in numbers]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert reached.acquire(timeout=20)
    for n in (7, 8, 9):
        lines.work(n, f"server {n}", hang)
    assert done == []
    hangs.set()
    for thread in threads:
        thread.join(20)
    assert sorted(done) == [*numbers, 7, 8, 9]


def test_a_fault_ends_its_line_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    lines = sync._Lines()

    def fall_over(pk: int) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        lines.work(1, "server", fall_over)
    done: list[int] = []
    lines.work(2, "server", done.append)
    assert done == [2]
