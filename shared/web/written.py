"""Numbers as people write them, in forms and sheets."""

import re
from typing import Any, Final

_SPACES: Final = re.compile(r"[\s\u00a0\u2009\u202f]+")
_EITHER: Final = re.compile(r"\W*\d{1,3},\d{3}\s*")


def as_written(value: Any) -> Any:
    """`4 279 856,00` and `−150` in the spelling that is read; for `BeforeValidator`, so what is no text stays as it
    is.
    """
    if not isinstance(value, str):
        return value
    bare = _SPACES.sub("", value).replace("\u2212", "-")
    return bare if "." in bare else bare.replace(",", ".", 1)


def as_amount(value: Any) -> Any:
    """The same of what has two decimals at most. `1,250` stays as it is, and is refused as no number: whoever writes it
    may mean 1250 or 1.25.
    """
    return value if isinstance(value, str) and _EITHER.fullmatch(value) else as_written(value)
