"""A request as our routes read it: its headers are found by name.

The framework's own looks through all of them each time, and a request is asked for a dozen.
"""

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.types import Scope


class Heads(Headers):
    """The headers of a request; of one that was sent twice the first, as always."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope=scope)
        self.sent = self._list
        self._first = {name.decode("latin-1"): value.decode("latin-1") for name, value in reversed(self._list)}

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]  # as it is called
        return self._first.get(key.lower(), default)

    def __getitem__(self, key: str) -> str:
        return self._first[key.lower()]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._first


class Incoming(Request):
    """One request."""

    @property
    def headers(self) -> Headers:
        known: Heads | None = getattr(self, "_headers", None)
        if known is None or known.sent is not self.scope["headers"]:  # what a form says itself is written to the scope
            known = self._headers = Heads(self.scope)
        return known

    async def body(self) -> bytes:
        """All of it. Raises ClientDisconnect when its sender leaves first."""
        if not hasattr(self, "_body"):
            chunks, more = list[bytes](), True
            while more:
                message = await self.receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                chunks.append(message.get("body", b""))
                more = message.get("more_body", False)
            self._body = b"".join(chunks)
        return self._body
