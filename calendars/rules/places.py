"""Places in a time grid as names of classes, and the style sheet that knows them. Pure.

The content security policy allows no style attributes, so a column is a grid of five-minute rows and a booking says with
two classes where it begins and how many rows it takes: `t-174 d-12` is 14:30, for an hour. The sheet is kept as a file,
which a test compares with what this makes: `python -m calendars.rules.places > static/css/times.css`
"""

from collections.abc import Iterable

ROW = 5
#: The longest day has 25 hours.
HOURS = 25
ROWS = HOURS * 60 // ROW
#: More than these stand side by side nowhere.
LANES = 12
#: The days of a week, or as many hosts.
COLUMNS = 7


def place(top: int, length: int, *, lane: int = 0, lanes: int = 1) -> str:
    """Return the classes of something that begins `top` minutes after the top of its column; rows that it touches are its own."""
    first, after = top // ROW, -(-(top + length) // ROW)
    beside = f" l-{lane} of-{lanes}" if lanes > 1 else ""
    return f"t-{first} d-{max(after - first, 1)}{beside}"


def style_sheet() -> str:
    """Return the sheet of all places."""
    lines = [
        *_rules(f".t-{n}{{--t:{n}}}" for n in range(ROWS)),
        *_rules(f".d-{n}{{--d:{n}}}" for n in range(1, ROWS + 1)),
        *_rules(f".l-{n}{{--l:{n}}}" for n in range(1, LANES)),
        *_rules(f".of-{n}{{--of:{n}}}" for n in range(2, LANES + 1)),
        *_rules(f'[data-lanes="{n}"]{{--lanes:{n}}}' for n in range(2, LANES + 1)),
        *_rules(f'[data-from="{n}"]{{--from:{n * 60 // ROW}}}' for n in range(HOURS)),
        *_rules(f'[data-hours="{n}"]{{--hours:{n}}}' for n in range(1, HOURS + 1)),
        *_rules(f'[data-prints~="{n}"]{{--p{n}:1}}' for n in range(HOURS)),
        *_rules(f'[data-columns="{n}"]{{--columns:{n}}}' for n in range(1, COLUMNS + 1)),
    ]
    head = "/* Places on the five-minute grid of the calendar, made by calendars/rules/places.py. */"
    return "\n".join([head, "@layer calendar {", *lines, "}", *_printed(), ""])


def _printed() -> list[str]:
    """On paper a row has the height of its hour, which is none where the hour is left out."""
    held = [f"var(--p{n},0)" for n in range(HOURS)]
    rows = [f"repeat({60 // ROW},calc({hour}*var(--hour)/{60 // ROW}))" for hour in held]
    return [
        "@layer print { @media print {",
        f"  .time-grid{{--printed:calc({' + '.join(held)})}}",
        f"  .time-grid .slots-of-day{{grid-template-rows:{' '.join(rows)}}}",
        "} }",
    ]


def _rules(rules: Iterable[str]) -> list[str]:
    """Twelve rules to a line."""
    written = list(rules)
    return ["  " + "".join(written[at : at + 12]) for at in range(0, len(written), 12)]


if __name__ == "__main__":
    import sys

    sys.stdout.write(style_sheet())
