"""AES-256-GCM with named keys, so that keys can be changed while old values stay readable."""

import base64
import binascii
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12


class CipherError(Exception):
    """A key setting that cannot be used, or a value that cannot be decrypted; the message never holds key or text."""


@dataclass(frozen=True)
class Box:
    """An encrypted value: the name of its key, its nonce, and text with authentication tag."""

    kid: str
    nonce: bytes
    box: bytes

    def to_json(self) -> bytes:
        texts = {"kid": self.kid, "nonce": _base64(self.nonce), "box": _base64(self.box)}
        return json.dumps(texts, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, value: bytes) -> "Box":
        """Raises CipherError unless `value` is `{kid, nonce, box}` with both bytes as base64."""
        try:
            fields = json.loads(value)
            nonce, box = (base64.b64decode(fields[name], validate=True) for name in ("nonce", "box"))
            return cls(str(fields["kid"]), nonce, box)
        except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
            raise CipherError("the value is not {kid, nonce, box}") from error


class Cipher:
    """Encrypts with the active key and decrypts with any that it knows.

    The associated data binds a box to its place (topic key, row id): moved elsewhere it does not open.
    """

    def __init__(self, keys: Mapping[str, bytes], active: str) -> None:
        if active not in keys:
            raise CipherError(f"the active key {active!r} is not among the keys {sorted(keys)}")
        for kid, key in keys.items():
            if len(key) != KEY_BYTES:
                raise CipherError(f"key {kid!r} has {len(key)} bytes instead of {KEY_BYTES}")
        self._keys = {kid: AESGCM(key) for kid, key in keys.items()}
        self.active = active

    @classmethod
    def from_setting(cls, setting: str) -> "Cipher":
        """Read `kid:base64,kid:base64`; the first key is the active one. Raises CipherError that names the entry."""
        keys: dict[str, bytes] = {}
        for number, entry in enumerate(setting.split(","), start=1):
            kid, _, text = entry.strip().partition(":")
            if not kid or not text:
                raise CipherError(f"entry {number} of the key setting is not kid:base64")
            try:
                keys[kid] = base64.b64decode(text, validate=True)
            except binascii.Error as error:
                raise CipherError(f"key {kid!r} is not base64") from error
        return cls(keys, active=next(iter(keys)))

    def encrypt(self, plain: bytes, associated: bytes) -> Box:
        nonce = os.urandom(NONCE_BYTES)
        return Box(self.active, nonce, self._keys[self.active].encrypt(nonce, plain, associated))

    def decrypt(self, box: Box, associated: bytes) -> bytes:
        """Raises CipherError when the key is unknown, or box or associated data are not those that were encrypted."""
        key = self._keys.get(box.kid)
        if key is None:
            raise CipherError(f"no key named {box.kid!r}; add it to the keys of this service")
        try:
            return key.decrypt(box.nonce, box.box, associated)
        except (InvalidTag, ValueError) as error:
            raise CipherError(f"the value does not open with key {box.kid!r}") from error


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()
