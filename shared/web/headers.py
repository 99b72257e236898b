"""What every answer says of itself: it is what its type says, and nobody keeps it unless its route allows that."""

from typing import Final

from starlette.types import Message, Send

USUAL: Final = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))


def careful(send: Send) -> Send:
    """Sends answers with `nosniff`, and `no-store` where the route says nothing: most of them are about people."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            said = {name for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(each for each in USUAL if each[0] not in said)]
        await send(message)

    return sending
