"""What a click sends to the worker: never in the way of the click, and heard by a real worker once Redis is back."""

import time
from contextlib import suppress

import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from bookinghub import celery as site_celery
from tests.services import processes
from tests.services.redis import RedisServer
from tests.services.waiting import seconds_waited

# Twice the socket time-out, and something.
LONGEST_SECONDS = 3


@pytest.fixture
def app(redis_url: str):
    """The site's app, as it is in a process that was started with REDIS_URL."""
    app = Celery("bookinghub", broker=redis_url, set_as_current=False)
    same = ("task_publish_retry", "broker_connection_timeout", "task_default_queue", "task_ignore_result")
    app.conf.update({name: site_celery.app.conf[name] for name in same})
    app.conf.broker_transport_options = site_celery._broker_options(redis_url)
    yield app
    app.close()


def seconds_to_send(app: Celery) -> float:
    """Send one message and return how long that waited, whether or not it arrived."""

    def send() -> None:
        with suppress(OperationalError):
            app.send_task("bookings.deliver", args=[[1]], ignore_result=True)

    return seconds_waited(send)


def test_sending_is_quick_while_redis_is_frozen_or_gone(app, redis_server: RedisServer):
    """Red when the socket time-outs go (a frozen Redis holds the request 45 s) or publishing is retried."""
    seconds_to_send(app)
    redis_server.freeze()
    assert [seconds_to_send(app) < LONGEST_SECONDS for _ in range(2)] == [True, True]
    redis_server.thaw()
    redis_server.stop()
    assert seconds_to_send(app) < 1
    redis_server.start()
    seconds_to_send(app)
    assert seconds_to_send(app) < 1


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_worker_comes_back_after_redis_did(redis_server: RedisServer):
    worker = processes.start_worker(redis_url=redis_server.url)
    try:
        wait_for_consumer(redis_server)
        redis_server.stop()
        time.sleep(1)
        assert worker.poll() is None
        redis_server.start()
        wait_for_consumer(redis_server)
    finally:
        worker.terminate()
        assert worker.wait(120) == 0


def wait_for_consumer(server: RedisServer) -> None:
    """Wait until somebody reads from the queue, which a blocking read in the client list shows."""
    import redis

    deadline = time.monotonic() + 180
    with redis.Redis.from_url(server.url) as client:
        while not any(one["cmd"] == "brpop" for one in client.client_list()):
            assert time.monotonic() < deadline, "no worker reads from the queue"
            time.sleep(0.1)
