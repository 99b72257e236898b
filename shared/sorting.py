"""Swedish alphabetical order, which the database does not have: å, ä, ö come after z."""

import unicodedata
from typing import Final

AFTER_Z: Final = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}", "ü": "y"})


def swedish_order(text: str) -> tuple[str, str]:
    """A key to sort names by: without case, other letters with marks beside their plain ones (é at e)."""
    if text.isascii():  # as most are: nothing to fold, compose or translate
        return text.lower(), text
    folded = unicodedata.normalize("NFC", text).casefold().translate(AFTER_Z)
    plain = "".join(sign for sign in unicodedata.normalize("NFD", folded) if not unicodedata.combining(sign))
    return plain, text
