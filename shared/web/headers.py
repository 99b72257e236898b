"""What every answer says of itself: it is what its type says, and nobody keeps it unless its route allows that."""

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Send


def careful(send: Send) -> Send:
    """Sends answers with `nosniff`, and `no-store` where the route says nothing: most of them are about people."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("X-Content-Type-Options", "nosniff")
            headers.setdefault("Cache-Control", "no-store")
        await send(message)

    return sending
