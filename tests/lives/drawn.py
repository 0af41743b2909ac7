"""What is drawn for each step of a life, and which steps make sense."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tests.lives.world import ADDRESSES, GUESTS, KINDS, PEOPLE

kinds = st.sampled_from(list(KINDS))
days = st.sampled_from([0, 0, 0, 1, 2])
starts = st.sampled_from(["09:00", "09:30", "10:00", "10:30", "11:00"])
bookers = st.sampled_from(list(ADDRESSES))
guests = st.sampled_from(list(GUESTS))
people = st.sampled_from(PEOPLE)
#: Which host is asked for: mostly none.
hosts = st.sampled_from([None, None, None, *PEOPLE])
yes_or_no = st.booleans()
seldom = st.sampled_from([False] * 9 + [True])
sometimes = st.sampled_from([False, False, True])
reasons = st.sampled_from(["It can't be helped", "It can't be helped", ""])
#: Which of the bookings that the step makes sense for, the youngest first; `any_one`: of all bookings, to be refused.
which = st.sampled_from([0, 0, 1, 2, 3])
#: From what page somebody acts: as it stands, or one that was overtaken.
pages = st.sampled_from(["fresh"] * 7 + ["older"])

ENDED = ("completed", "no_show", "cancelled", "declined")


def while_any(*statuses: str) -> Any:
    """A step that makes sense while there is a booking in one of these states."""
    return precondition(lambda life: any(life.present[status] for status in statuses))
