"""Origins of websites, as one names them to a browser: scheme, host and port, and nothing behind them."""

import ipaddress
import re
from urllib.parse import urlsplit

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
#: Letters that old and new rules for international names spell differently.
_AMBIGUOUS = frozenset("ßς\u200c\u200d")
_DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST = 253


class NotAnOrigin(ValueError):
    """What was typed names no origin. `instead`: the origin that was perhaps meant, "" for none."""

    def __init__(self, instead: str = "") -> None:
        super().__init__(instead)
        self.instead = instead


def read_origin(words: str) -> str:
    """Return an origin as browsers write it: "https://www.example.org", "http://localhost:3000". Raises NotAnOrigin."""
    if any(ord(letter) <= 32 for letter in words):
        raise NotAnOrigin
    try:
        parts = urlsplit(words)
        port = parts.port
    except ValueError:
        raise NotAnOrigin from None
    if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc or parts.netloc.endswith(":"):
        raise NotAnOrigin
    host = _host(parts.hostname or "")
    number = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    origin = f"{parts.scheme}://{host}{number}"
    if parts.path not in ("", "/") or parts.query or parts.fragment or words.endswith(("?", "#")):
        raise NotAnOrigin(origin)
    return origin


def _host(name: str) -> str:
    """A host name in the letters of the DNS, or an address. Raises NotAnOrigin."""
    if "%" in name or _AMBIGUOUS & set(name):
        raise NotAnOrigin
    if ":" in name:
        try:
            return f"[{ipaddress.IPv6Address(name).compressed}]"
        except ValueError:
            raise NotAnOrigin from None
    try:
        plain = name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise NotAnOrigin from None
    if len(plain) > LONGEST or not all(_LABEL.fullmatch(label) for label in plain.split(".")):
        raise NotAnOrigin
    return plain
