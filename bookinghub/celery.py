"""The Celery app: what a click or the clock starts runs here. The database is the truth; a lost message costs seconds."""

import os

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bookinghub.settings")

app = Celery("bookinghub")
app.config_from_object("django.conf:settings", namespace="CELERY")


def _broker_options(url: str) -> dict[str, object]:
    """Return transport options under which neither a stopped nor a hung broker holds up a request."""
    if url.startswith("memory:"):
        return {"polling_interval": 0.05}
    return {
        "socket_connect_timeout": 1,
        "socket_timeout": 1,
        "socket_keepalive": True,
        "retry_on_timeout": False,
        "max_retries": 0,
    }


def _every(seconds: int, task: str) -> dict[str, object]:
    """Return an entry of the schedule; a message that waited as long as the next one is dropped."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": seconds}}


@app.on_configure.connect
def _configure(sender: Celery, **_kwargs: object) -> None:
    from django.conf import settings  # Late: importing this module must not load the settings.

    sender.conf.broker_transport_options = _broker_options(settings.CELERY_BROKER_URL)
    sender.conf.beat_schedule = {
        "sweep": _every(settings.HUB_SWEEP_SECONDS, "bookings.sweep"),
        "tick": _every(30, "bookings.tick"),
        "inbox": _every(settings.HUB_INBOX_SECONDS, "bookings.read_inbox"),
        "calendars": _every(60, "calendars.sync_due"),
        "windows": _every(3600, "calendars.move_windows"),
        "copies": _every(60, "calendars.write_missing"),
        "left copies": _every(120, "calendars.look_again"),
        "all copies": _every(900, "calendars.go_through"),
    }


app.conf.update(
    broker_connection_timeout=1,
    broker_connection_retry_on_startup=True,
    # A worker that gave up after a hundred tries would stay down although Redis came back.
    broker_connection_max_retries=None,
    task_publish_retry=False,
    task_ignore_result=True,
    # Acknowledged before the run: Redis hands late ones out again. The outbox row's lease covers a worker that dies.
    task_acks_late=False,
    task_default_queue="hub",
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    # The schedule is static; a file that remembers it would only be one more thing to own.
    beat_scheduler="celery.beat:Scheduler",
    timezone="UTC",
)
app.autodiscover_tasks(["bookings", "calendars"], related_name="tasks")
app.autodiscover_tasks(["bookings", "calendars"], related_name="periodic")


@signals.setup_logging.connect
def _keep_our_logging(**_kwargs: object) -> None:
    """Being connected keeps Celery from replacing the log settings of settings.LOGGING."""


def load_transport() -> None:
    """Load what sending needs, without connecting: else the first booking after a start pays half a second for it."""
    with app.connection_for_write() as connection:
        _ = connection.transport
