"""Identifiers are a port: tests can make them predictable."""

import os
import time
from typing import Protocol
from uuid import UUID, uuid4


class Ids(Protocol):
    """Makes identifiers."""

    def uuid7(self) -> UUID:
        """An identifier that sorts by time: for rows and events."""

    def uuid4(self) -> UUID:
        """An identifier that tells nothing, not even the time: for anonymous answers."""


class SystemIds:
    """Random identifiers (RFC 9562). Python 3.11 has no uuid7 of its own."""

    def uuid7(self) -> UUID:
        milliseconds = time.time_ns() // 1_000_000
        random = int.from_bytes(os.urandom(10), "big")
        value = milliseconds << 80 | random
        value = value & ~(0xF << 76) | 0x7 << 76
        value = value & ~(0x3 << 62) | 0x2 << 62
        return UUID(int=value)

    def uuid4(self) -> UUID:
        return uuid4()
