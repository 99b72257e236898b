"""What is kept of a call with an `Idempotency-Key`, and of one by a link."""

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request

from shared.web.idempotency import IdempotentCall, call_of

TOKEN = "dEFw1sfZ0b7kLqJm3cVxYt8a"
KEY = "3f0b8f0e-6b0e-4a53-9f5a-2f7c9f0f6a11"


def posted(path: str, body: bytes, key: str = KEY, **parameters: str) -> Request:
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"kursnav.test"), (b"idempotency-key", key.encode())],
        "path_params": parameters,
        "server": ("kursnav.test", 80),
        "scheme": "http",
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    return Request(scope, receive)


async def by_link(body: bytes, key: str = KEY, token: str = TOKEN) -> IdempotentCall:
    call = await call_of(posted(f"/attendance/v1/surveys/answers/{token}", body, key, token=token), "visitor")
    assert call is not None
    return call


async def test_of_a_call_by_a_link_neither_link_nor_key_nor_a_digest_of_the_body_is_kept() -> None:
    plain = await call_of(posted("/attendance/v1/placements", b"{}"), "visitor")
    sealed = await by_link(b"{}")
    assert plain is not None
    assert plain.key == KEY
    assert TOKEN not in str(sealed)
    assert KEY not in str(sealed)
    assert sealed.body_hash != plain.body_hash, "whoever knows the possible answers could try them"
    assert (await by_link(b"{}", token=TOKEN[::-1])).body_hash != sealed.body_hash


async def test_it_is_known_again_all_the_same() -> None:
    first = await by_link(b'{"answers": 1}')
    assert await by_link(b'{"answers": 1}') == first
    other = await by_link(b'{"answers": 2}')
    assert (other.identity, other.body_hash != first.body_hash) == (first.identity, True)
    assert (await by_link(b'{"answers": 1}', key="other")).identity != first.identity


async def test_and_of_its_time_only_the_day() -> None:
    times = [datetime(2026, 3, 2, hour, 17, tzinfo=UTC) for hour in (7, 21)]
    assert {(await by_link(b"{}")).kept_from(at) for at in times} == {datetime(2026, 3, 2, 23, tzinfo=UTC)}
