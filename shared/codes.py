"""Codes of courses, packages, titles, qualifications: written in any case, they mean the one that was entered first."""

from collections.abc import Iterable
from unicodedata import normalize


def code_key(code: str) -> str:
    """What two spellings of one code have in common."""
    return normalize("NFC", normalize("NFC", code).casefold())


class Spellings:
    """The codes that exist, in the order in which they were entered."""

    def __init__(self, codes: Iterable[str]) -> None:
        self._stored: dict[str, str] = {}
        for code in codes:
            self._stored[code] = code  # those from before one spelling was demanded keep their own
            self._stored.setdefault(code_key(code), code)

    def of(self, code: str) -> str:
        """A code as it is stored; itself when there is none."""
        return self._stored.get(code) or self._stored.get(code_key(code), code)

    def all(self, codes: Iterable[str]) -> list[str]:
        """A list of codes as they are stored."""
        return [self.of(code) for code in codes]
