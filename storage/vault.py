"""Sealing: AES-GCM with a key id in front and the row's id as associated data: no value can be moved to another row."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import string
import time
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.compact import dump, load

_NONCE = 12
_DIGITS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
_IN_ORDER = bytes.maketrans(_DIGITS.encode(), "".join(sorted(_DIGITS)).encode())
"""Base 64 whose digits stand in the order of their codes, so that ids sort as their bytes do."""


class BadKey(Exception):
    """The key that seals is missing, malformed or not the one that this data was sealed with."""


def new_id() -> str:
    """A fresh id: 12 characters of A-Za-z0-9_-. No secret: 24 bits of time, then 48 random ones.

    The time counts 1/128 seconds and begins anew every day and a half. So ids made together stand together in each
    index, and a batch changes a few pages of it rather than nearly all.
    """
    now = int(time.time() * 128) & 0xFFFFFF
    return base64.urlsafe_b64encode(now.to_bytes(3) + os.urandom(6)).translate(_IN_ORDER).decode()


def new_key() -> str:
    """A fresh sealing key as it stands in the settings: '<key id>:<32 bytes in base64>'."""
    return f"{secrets.token_hex(2)}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


class Vault:
    """Seals and opens values. `keys` is 'id:base64[,id:base64...]'; the first seals, all of them open."""

    def __init__(self, keys: str) -> None:
        read = [_read_key(part) for part in keys.split(",") if part.strip()]
        if not read:
            raise BadKey(
                "SEAL_KEY is not set: python3 run.py key prints one; put it into .env and keep a copy in a safe place"
            )
        self._first, *_ = (name for name, _ in read)
        self._keys = {name: AESGCM(raw) for name, raw in read}
        self._hash_key = hashlib.sha256(b"match" + read[-1][1]).digest()

    def seal(self, value: bytes | str, where: str) -> bytes:
        """`where` is 'table.column:row id'; the value opens only with the same."""
        plain = value.encode(errors="surrogatepass") if isinstance(value, str) else value
        nonce = os.urandom(_NONCE)
        return self._first + nonce + self._keys[self._first].encrypt(nonce, plain, where.encode())

    def open(self, sealed: bytes, where: str) -> bytes:
        cipher = self._keys.get(sealed[:2])
        if cipher is None:
            raise BadKey("sealed with a key that is not among those set")
        try:
            return cipher.decrypt(sealed[2 : 2 + _NONCE], sealed[2 + _NONCE :], where.encode())
        except InvalidTag:
            raise BadKey(f"could not open {where.split(':')[0]}") from None

    def seal_json(self, value: Any, where: str) -> bytes:
        return self.seal(dump(value), where)

    def open_json(self, sealed: bytes, where: str) -> Any:
        return load(self.open(sealed, where))

    def seal_text(self, value: str | None, where: str) -> bytes | None:
        return self.seal(value, where) if value is not None else None

    def open_text(self, sealed: bytes | None, where: str) -> str | None:
        return self.open(sealed, where).decode(errors="surrogatepass") if sealed is not None else None

    def fingerprint(self, value: str) -> bytes:
        """A keyed hash (32 bytes), for finding an exact match of what is sealed."""
        return hmac.digest(self._hash_key, value.encode(), "sha256")


def _read_key(part: str) -> tuple[bytes, bytes]:
    name, _, value = part.strip().partition(":")
    try:
        id, raw = bytes.fromhex(name), base64.b64decode(value, validate=True)
    except ValueError:
        id, raw = b"", b""
    if len(id) != 2 or len(raw) != 32:
        raise BadKey("a sealing key reads '<4 hex digits>:<32 bytes in base64>'")
    return id, raw


def hash_token(token: str) -> bytes:
    """The stored form of an invitation's secret. 128 random bits need no salt."""
    return hashlib.sha256(token.encode()).digest()
