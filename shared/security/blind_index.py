"""Finding a person by personal number without storing the number where it can be read."""

import hashlib
import hmac

from shared.security.personal_numbers import PersonalNumber

MINIMUM_KEY_BYTES = 32


class BlindIndex:
    """HMAC-SHA-256 of the normalised number under a key of its own.

    Equal numbers give equal indexes, and without the key nobody can try all numbers.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < MINIMUM_KEY_BYTES:
            raise ValueError(f"the blind index key has {len(key)} bytes; at least {MINIMUM_KEY_BYTES} are needed")
        self._key = key

    def of(self, number: PersonalNumber) -> bytes:
        return hmac.new(self._key, number.digits.encode(), hashlib.sha256).digest()
