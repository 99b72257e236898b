"""The secret at the end of a link in a mail. Whoever has it is let in, so only its digest is stored."""

import secrets
from hashlib import sha256
from string import ascii_letters
from typing import Final

LETTERS: Final = 32
"""182 bits. Letters alone: nothing in an address looks like a personal number, or breaks where a line ends."""


def new_token() -> str:
    return "".join(secrets.choice(ascii_letters) for _ in range(LETTERS))


def digest_of(token: str) -> bytes:
    """What is stored of a token. It needs no salt and no key: nobody guesses the token."""
    return sha256(token.encode(errors="replace")).digest()
