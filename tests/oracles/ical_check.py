"""Judge calendars with libical; runs as a script under the system's Python, which has its bindings.

In: a JSON list of base64 texts on standard input. Out: a JSON list with the list of problems of each.
Needs Debian's gir1.2-ical-3.0 and python3-gi. Nothing of the project is imported here.
"""

import base64
import json
import re
import sys

import gi

gi.require_version("ICalGLib", "3.0")
from gi.repository import ICalGLib  # noqa: E402 - the version has to be chosen first


def main() -> None:
    """Read the calendars, write their problems."""
    given = json.load(sys.stdin)
    json.dump([problems_of(base64.b64decode(text)) for text in given], sys.stdout)


def problems_of(octets: bytes) -> list[str]:
    """Return what libical finds wrong with one calendar, in the order found, each once."""
    try:
        calendar = ICalGLib.Component.new_from_string(octets.decode("utf-8"))
    except (TypeError, UnicodeDecodeError) as error:  # TypeError: the constructor returned NULL
        return [f"libical cannot read it: {error}"]
    problems = []
    if calendar.isa() != ICalGLib.ComponentKind.VCALENDAR_COMPONENT:
        problems.append("not exactly one VCALENDAR")
    if not calendar.is_valid():
        problems.append("is_valid says no")
    if calendar.count_errors():
        problems.append("components or properties that libical could not parse")
    # This looks up the rules of the METHOD (RFC 5546 §3.2) and leaves an X-LIC-ERROR for each broken one.
    if not calendar.check_restrictions():
        problems.append("check_restrictions says no")
    return list(dict.fromkeys(problems + errors_in(calendar)))


def errors_in(calendar: ICalGLib.Component) -> list[str]:
    """Return the texts of the X-LIC-ERROR properties that libical left behind."""
    unfolded = re.sub(r"\r?\n[ \t]", "", calendar.as_ical_string())
    return [line.partition(":")[2] for line in unfolded.splitlines() if line.startswith("X-LIC-ERROR")]


if __name__ == "__main__":
    main()
