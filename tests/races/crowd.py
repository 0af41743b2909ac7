"""Many people at once: threads that all start together, each with a database connection of its own."""

import threading
from collections import Counter
from collections.abc import Callable

from django.db import connection

from bookings.rules.refusals import Refused


def rush(calls: list[Callable[[], object]]) -> Counter[str]:
    """Run the calls at the same moment. Counts "won" for each that returned, else the code of its refusal.

    Anything but a refusal is raised here, so that no error passes for a lost race.
    """
    gate = threading.Barrier(len(calls))
    outcomes: list[str] = []
    errors: list[BaseException] = []

    def one(call: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            gate.wait(timeout=120)
            call()
            outcomes.append("won")
        except Refused as refused:
            outcomes.append(refused.code)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(call,), daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    if errors:
        raise errors[0]
    assert len(outcomes) == len(calls)
    return Counter(outcomes)
