"""Words as they are searched: without case and accents, so that "zoe" finds "Zoë"."""

import unicodedata

#: Letters that have no accent to take off.
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})


def fold(text: str) -> str:
    """Text in lower case without accents; "ß" reads "ss", and what takes no accent (ł, ø, đ) reads as its plain letter."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN)
    return "".join(char for char in plain if not unicodedata.combining(char))


#: Some letters read as many: "ﷺ" alone as eighteen. What lies beyond is not searched.
LONGEST = 700


def search_text(*, name: str, email: str, phone: str, reference: str = "") -> str:
    """What a booking or a contact is found by: name, mail, phone as typed and as digits, and reference."""
    digits = "".join(char for char in phone if char.isdigit())
    return fold(" ".join(part for part in (name, email, phone, digits, reference) if part))[:LONGEST]
