"""Every text that comes in: composed (NFC), and without a personal number but in the fields that are meant for one.

One check at the edge, before any field is looked at, so that no text of any call, event or log can hold one.
"""

import asyncio
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any
from unicodedata import is_normalized, normalize
from urllib.parse import parse_qsl, urlencode

from pydantic_core import from_json, to_json
from starlette.requests import Request

from shared.security.hidden_numbers import may_stand_in_json, stands_in
from shared.security.personal_numbers import is_number
from shared.security.roles import Caller
from shared.web.problems import FieldError, Problem, forbidden

PERSONAL_NUMBER, TELEPHONE = "personal_number", "phone"
"""Fields that are meant for a personal number, and for a telephone number, which may look like one."""
STORED_HEADERS = ("Idempotency-Key",)
LONG = 100_000  # bytes of a body that is searched beside the event loop
MOST_NAMED = 20
LEAST, MOST = 10**9, 10**20
"""JSON numbers in between have as many digits as a personal number, and few enough to be looked through."""
_TWELVE_DIGITS = re.compile(r"(?=([0-9]{12}))")


def check(value: Any) -> None:
    """Raises 422 that names each text of a JSON value with a personal number in it."""
    if found := list(_found(value, "", "")):
        raise refusal(found)


def _found(value: Any, pointer: str, name: str) -> Iterator[str]:
    if isinstance(value, str):
        if name != PERSONAL_NUMBER and stands_in(value, telephone=name == TELEPHONE):
            yield pointer
    elif isinstance(value, int | float):
        if name != PERSONAL_NUMBER and LEAST <= abs(value) < MOST and stands_in(str(int(abs(value)))):
            yield pointer  # a field that takes no number refuses it, but a mark that nobody can read is kept as it came
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _found(one, f"{pointer}/{place}", name)
    elif isinstance(value, dict):
        if any(map(stands_in, value)):
            yield pointer  # of the object: the name itself must not be repeated
        for key, one in value.items():
            yield from _found(one, f"{pointer}/{_escaped(key)}", key)


def _composed(value: Any) -> Any:
    if isinstance(value, str):
        return composed(value)
    if isinstance(value, list):
        return [_composed(one) for one in value]
    if isinstance(value, dict):
        return {composed(key): _composed(one) for key, one in value.items()}
    return value


def composed(text: str) -> str:
    """A text in NFC: what looks alike is alike."""
    return text if text.isascii() or is_normalized("NFC", text) else normalize("NFC", text)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def composed_body(raw: bytes) -> bytes:
    """A JSON body with every text in NFC; what is no JSON comes back as it is."""
    if raw.isascii() and b"\\u" not in raw:
        return raw
    try:
        value = from_json(raw)
    except ValueError:
        return raw
    result = _composed(value)
    return raw if result == value else to_json(result)


async def check_body(raw: bytes, *, valid: bool) -> None:
    """Raises 422 for a personal number in a JSON body.

    The search costs microseconds a letter. What the fields let through is bounded by them, and searched beside the
    event loop when it is long; of what they refuse only a short body is searched.
    """
    await _within(len(raw), _check_body, raw, valid=valid)


async def check_fields(fields: Any, size: int, *, valid: bool) -> None:
    """The same of a form of so many letters, as the object that it stands for."""
    await _within(size, check, fields, valid=valid)


async def _within(size: int, search: Callable[[Any], None], value: Any, *, valid: bool) -> None:
    if size <= LONG:
        search(value)
    elif valid:
        await asyncio.to_thread(search, value)


def _check_body(raw: bytes) -> None:
    if not may_stand_in_json(raw):  # as in nearly every body
        return
    try:
        value = from_json(raw)
    except ValueError:
        return
    check(value)


def clean_question(request: Request) -> None:
    """Puts the query in NFC. Raises 422 for a personal number in path, query or a header that is stored."""
    found = [f"/path/{name}" for name, value in request.path_params.items() if stands_in(str(value))]
    found += [f"/header/{name}" for name in STORED_HEADERS if stands_in(request.headers.get(name, ""))]
    if query := request.scope["query_string"]:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        found += ["/query" for name, _ in pairs if stands_in(name)]
        found += [f"/query/{_escaped(name)}" for name, value in pairs if stands_in(value) and not stands_in(name)]
        clean = [(composed(name), composed(value)) for name, value in pairs]
        if clean != pairs:
            request.scope["query_string"] = urlencode(clean).encode()
    if found:
        raise refusal(found)


def check_caller(caller: Caller) -> None:
    """Raises 403 for a login that is itself a personal number: who did what is stored under it."""
    if _names_number(caller.subject, caller.name):
        raise forbidden(
            "Din inloggning är ett personnummer, och det får inte sparas här. Be den som sköter behörigheter byta den.",
            "Your login is a personal number, which may not be stored here. Ask whoever manages access to change it.",
        )


@lru_cache(1024)  # who calls once calls again
def _names_number(subject: str, name: str) -> bool:
    return stands_in(subject) or stands_in(name)


def traces_person(header: str) -> bool:
    """Whether a trace or request id of the caller's holds a number, padded or not: such ids are replaced."""
    return stands_in(header) or any(is_number(found[1]) for found in _TWELVE_DIGITS.finditer(header))


def refusal(pointers: Sequence[str]) -> Problem:
    """422 that names the fields."""
    sv = "Ta bort personnumret: det får inte stå här. Är det ett telefonnummer, skriv det som 070-123 45 67."
    en = "Remove the personal number: it may not stand here. If it is a telephone number, write it as 070-123 45 67."
    return Problem(
        "personal-number",
        422,
        "Ett personnummer står i en text. Inget har sparats. Ta bort det.",
        "A personal number stands in a text. Nothing was saved. Remove it.",
        [FieldError(pointer, "personal-number", sv, en) for pointer in dict.fromkeys(pointers[:MOST_NAMED])],
    )
