"""What every answer says of itself, beside what its route says."""

from starlette.responses import Response
from starlette.types import Message

from shared.web.headers import careful


async def told_by(response: Response) -> list[tuple[bytes, bytes]]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await response({"type": "http"}, None, careful(send))  # type: ignore[arg-type]  # nothing is received
    return list(sent[0]["headers"])


async def test_an_answer_is_as_its_type_says_and_is_kept_nowhere() -> None:
    told = await told_by(Response())
    assert told[-2:] == [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store")]


async def test_what_the_route_says_holds() -> None:
    told = await told_by(Response(headers={"Cache-Control": "max-age=60"}))
    assert [value for name, value in told if name == b"cache-control"] == [b"max-age=60"]


async def test_a_header_that_is_said_twice_is_sent_twice() -> None:
    response = Response()
    for name in ("a", "b"):
        response.set_cookie(name, "1")
    assert [value[:1] for name, value in await told_by(response) if name == b"set-cookie"] == [b"a", b"b"]
