"""A request's headers and body, as our routes read them: like the framework's own."""

import pytest
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import Message

from shared.web.incoming import Heads, Incoming

SENT = [
    (b"host", b"kursnav.test"),
    (b"cookie", b"a=1"),
    (b"accept-language", b"\xe5"),
    (b"cookie", b"b=2"),
]


def request_of(*messages: Message) -> Incoming:
    coming = iter(messages)

    async def receive() -> Message:
        return next(coming)

    return Incoming({"type": "http", "headers": SENT}, receive)


@pytest.mark.parametrize("name", ["host", "Host", "COOKIE", "Accept-Language", "authorization"])
def test_a_header_is_found_as_the_framework_finds_it(name: str) -> None:
    ours, theirs = Heads({"headers": SENT}), Headers(scope={"headers": SENT})
    assert (ours.get(name), ours.get(name, "none"), name in ours) == (
        theirs.get(name),
        theirs.get(name, "none"),
        name in theirs,
    )


def test_a_header_that_was_sent_twice_is_all_there() -> None:
    assert Heads({"headers": SENT}).getlist("cookie") == ["a=1", "b=2"]
    assert request_of().cookies == {"a": "1", "b": "2"}


def test_a_header_that_is_not_there_is_no_header() -> None:
    with pytest.raises(KeyError):
        Heads({"headers": SENT})["authorization"]


def test_a_header_that_is_written_to_the_scope_is_found() -> None:
    request = request_of()
    assert request.headers is request.headers
    assert "idempotency-key" not in request.headers
    MutableHeaders(scope=request.scope)["Idempotency-Key"] = "1"
    assert request.headers["idempotency-key"] == "1"


async def test_a_body_in_pieces_is_read_once() -> None:
    pieces = [{"type": "http.request", "body": one, "more_body": one != b"c"} for one in (b"a", b"b", b"c")]
    request = request_of(*pieces)
    assert (await request.body(), await request.body()) == (b"abc", b"abc")


async def test_who_leaves_before_the_body_is_complete_has_sent_none() -> None:
    request = request_of({"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.disconnect"})
    with pytest.raises(ClientDisconnect):
        await request.body()
