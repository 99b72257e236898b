"""`Idempotency-Key` on every POST: the same key and body give the same answer for 7 days.

The answer is stored in the transaction of its effect and of its events, so it exists exactly when they do. An
advisory lock held by that transaction tells a second try that the first is still running. Row-level security shows an
answer to its caller alone, and what is stored is encrypted: an answer may hold a secret that is shown once, a path a
personal link, and a body's hash alone gives a personal number away to whoever tries them all. Reporting, which has no
key because it is blind to names, keeps its answers as they are.

Of a call by a link it keeps less, lest whoever has the keys leads an anonymous answer back: see `_by_link`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from shared.clock import day_end, local_day
from shared.database.unit_of_work import Unit
from shared.security.cipher import NONCE_BYTES, Box, Cipher
from shared.web.problems import Problem

KEPT_FOR = timedelta(days=7)
LINK = "token"
"""The parameter of a path that is a link by itself."""
KEPT_HEADERS = ("etag", "location", "kursnav-notice")

TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS free"
FIND = (
    "SELECT kid, answer, created_at FROM idempotency_keys WHERE caller = $1 AND method = $2 AND path = $3 AND key = $4"
)
ASKED = """
      FROM unnest(CAST($1 AS text[]), CAST($2 AS text[]), CAST($3 AS text[]), CAST($4 AS text[]))
           WITH ORDINALITY AS asked (caller, method, path, key, place)
     ORDER BY place
"""
TRY_LOCKS = f"""
    SELECT pg_try_advisory_xact_lock(hashtextextended(concat_ws(E'\\n', caller, method, path, key), 0)) AS free
    {ASKED}
"""
# A statement of its own, behind the locks: it sees whoever had one of them a moment ago, and committed.
FIND_ALL = f"""
    SELECT NOT EXISTS (SELECT FROM idempotency_keys AS kept
                        WHERE kept.caller = asked.caller AND kept.method = asked.method
                          AND kept.path = asked.path AND kept.key = asked.key) AS free
    {ASKED}
"""  # noqa: S608 # nothing but what stands here
STORE_ALL = (
    "INSERT INTO idempotency_keys (caller, method, path, key, kid, answer, created_at) SELECT * FROM "
    "unnest(CAST($1 AS text[]), CAST($2 AS text[]), CAST($3 AS text[]), CAST($4 AS text[]), CAST($5 AS text[]), "
    "CAST($6 AS bytea[]), CAST($7 AS timestamptz[]))"
)
STORE = (
    "INSERT INTO idempotency_keys (caller, method, path, key, kid, answer, created_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (caller, method, path, key) DO UPDATE SET "
    "kid = excluded.kid, answer = excluded.answer, created_at = excluded.created_at"
)


@dataclass(frozen=True)
class IdempotentCall:
    """One request with an `Idempotency-Key`; `path` is a digest."""

    caller: str
    method: str
    path: str
    key: str
    body_hash: str
    by_link: bool = False

    def kept_from(self, now: datetime) -> datetime:
        """When it counts as made: of a call by a link the day alone."""
        return day_end(local_day(now)) if self.by_link else now

    @property
    def identity(self) -> tuple[str, str, str, str]:
        return self.caller, self.method, self.path, self.key


async def call_of(request: Request, caller: str) -> IdempotentCall | None:
    """The idempotent call that a request is, None without the header. Raises 400 for an unusable key."""
    key = request.headers.get("idempotency-key")
    if request.method != "POST" or key is None:
        return None
    if not 1 <= len(key) <= 255:
        raise Problem(
            "invalid-idempotency-key",
            400,
            "Idempotency-Key ska ha 1–255 tecken. Använd till exempel ett UUID.",
            "Idempotency-Key must have 1–255 characters. Use a UUID, for example.",
        )
    call = IdempotentCall(caller, request.method, _path(request), key, await _body_hash(request))
    return _by_link(call) if LINK in request.path_params else call


def _by_link(call: IdempotentCall) -> IdempotentCall:
    """What was sent is one of few possible answers: its digest hides behind the key, of which a digest is kept too."""

    def digest(text: str) -> str:
        return hashlib.sha256(f"{call.path}\n{call.key}\n{text}".encode()).hexdigest()

    return replace(call, key=digest("key"), body_hash=digest(call.body_hash), by_link=True)


def _path(request: Request) -> str:
    """Path and query, which belong to what is asked for; a route takes only the few parameters that it names."""
    query = request.url.query
    path = request.url.path + (f"?{query}" if query else "")
    return hashlib.sha256(path.encode()).hexdigest()


async def _body_hash(request: Request) -> str:
    body = await request.body()
    content_type = request.headers.get("content-type", "")
    if content_type.startswith("multipart/") and "boundary=" in content_type:
        # A client makes a new boundary for each try of the same file.
        body = body.replace(content_type.split("boundary=")[1].split(";")[0].strip('"').encode(), b"")
    return hashlib.sha256(request.headers.get("kursnav-occurred-at", "").encode() + b"\n" + body).hexdigest()


async def begin(unit: Unit, call: IdempotentCall, cipher: Cipher | None) -> Response | None:
    """Claims the key for this transaction; the answer if there was one before.

    Raises 409 while another try runs, 422 for another body.
    """
    [lock] = await unit.fetch(TRY_LOCK, "\n".join(call.identity))
    if not lock["free"]:
        raise Problem(
            "request-in-progress",
            409,
            "Samma anrop (Idempotency-Key) pågår redan. Vänta och skicka det igen för att få svaret.",
            "The same request (Idempotency-Key) is still running. Wait, then send it again to get its answer.",
            headers={"Retry-After": "1"},
        )
    found = await unit.fetch(FIND, *call.identity)
    if not found or found[0]["created_at"] < unit.recorded_at - KEPT_FOR:
        return None
    [row] = found
    (body_hash, status, headers), body = _opened(call, row["kid"], row["answer"], cipher)
    if body_hash != call.body_hash:
        raise Problem(
            "idempotency-key-reused",
            422,
            "Idempotency-Key har redan använts för ett annat innehåll. Använd en ny nyckel för ett nytt anrop.",
            "This Idempotency-Key was used for another body. Use a new key for a new request.",
        )
    return Response(body, status, {**headers, "Idempotent-Replayed": "true"})


async def store(unit: Unit, call: IdempotentCall, response: Response, cipher: Cipher | None) -> None:
    """Keeps the rendered answer with the effect."""
    await unit.fetch(STORE, *_row(unit, call, response, cipher))


async def claim_all(unit: Unit, calls: Sequence[IdempotentCall]) -> set[IdempotentCall]:
    """Claims the keys of the unit's callers, each once, for this transaction; those that nobody else holds or has used.

    What is to be said of the others `begin` says.
    """
    columns = [list(column) for column in zip(*(call.identity for call in calls), strict=True)]
    locked = await unit.fetch(TRY_LOCKS, *columns)
    unused = await unit.fetch(FIND_ALL, *columns)
    return {call for call, *rows in zip(calls, locked, unused, strict=True) if all(row["free"] for row in rows)}


async def store_all(unit: Unit, answers: Sequence[tuple[IdempotentCall, Response]], cipher: Cipher | None) -> None:
    """Keeps the rendered answers to calls that were claimed."""
    rows = [_row(unit, call, response, cipher) for call, response in answers]
    await unit.fetch(STORE_ALL, *map(list, zip(*rows, strict=True)))


def _row(unit: Unit, call: IdempotentCall, response: Response, cipher: Cipher | None) -> tuple[Any, ...]:
    headers = {name: value for name, value in response.headers.items() if name in (*KEPT_HEADERS, "content-type")}
    head = json.dumps([call.body_hash, response.status_code, headers]).encode()
    kid, answer = _sealed(call, head + b"\n" + bytes(response.body), cipher)
    return (*call.identity, kid, answer, call.kept_from(unit.recorded_at))


def _sealed(call: IdempotentCall, answer: bytes, cipher: Cipher | None) -> tuple[str | None, bytes]:
    if cipher is None:
        return None, answer
    box = cipher.encrypt(answer, "\n".join(call.identity).encode())
    return box.kid, box.nonce + box.box


def _opened(call: IdempotentCall, kid: str | None, answer: bytes, cipher: Cipher | None) -> tuple[list[Any], bytes]:
    """Its head and its body. Raises CipherError for an answer whose key is no more."""
    if kid is not None and cipher is not None:
        box = Box(kid, answer[:NONCE_BYTES], answer[NONCE_BYTES:])
        answer = cipher.decrypt(box, "\n".join(call.identity).encode())
    head, _, body = answer.partition(b"\n")
    return json.loads(head), body
