"""Seals what is private of somebody's calendars before it is stored: a copy of the database alone opens nothing of it.

The first of HUB_SEAL_KEYS seals, all of them open, and so does the key derived from LINK_KEY, which seals where there is
no other. `./hub manage reseal` (calendars.reseal) brings everything under the first one, so that the others can go.
"""

import base64
import zlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def seal(content: bytes) -> bytes:
    """Compress and encrypt."""
    return _ring(_keys()).encrypt(zlib.compress(content))


def unseal(sealed: bytes) -> bytes | None:
    """Open what `seal` made; None where the key it was sealed with is gone."""
    try:
        return zlib.decompress(_ring(_keys()).decrypt(bytes(sealed)))
    except InvalidToken:
        return None


def is_sealed_anew(sealed: bytes) -> bool:
    """Whether it was sealed with the key that seals at present."""
    try:
        _fernet(_keys()[0]).decrypt(bytes(sealed))
    except InvalidToken:
        return False
    return True


def _keys() -> tuple[str, ...]:
    return (*settings.HUB_SEAL_KEYS, settings.LINK_KEY)


@lru_cache(maxsize=2)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([_fernet(key) for key in keys])


@lru_cache(maxsize=8)
def _fernet(key: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"calendars").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
