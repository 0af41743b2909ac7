"""Seals what is private of somebody's calendars before it is stored: a copy of the database alone shows no title of it."""

import base64
import zlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(content: bytes) -> bytes:
    """Compress and encrypt."""
    return _fernet(settings.LINK_KEY).encrypt(zlib.compress(content))


def unseal(sealed: bytes) -> bytes | None:
    """Open what `seal` made; None where LINK_KEY has changed since."""
    try:
        return zlib.decompress(_fernet(settings.LINK_KEY).decrypt(bytes(sealed)))
    except InvalidToken:
        return None


@lru_cache(maxsize=2)
def _fernet(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"calendars").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
