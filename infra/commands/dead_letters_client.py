"""The calls of http-api.md that `kursnav dead-letters` makes, as operator."""

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx2

from infra.commands import token
from infra.commands.addresses import chosen, origin
from infra.local.errors import StackError

PAGE = 500
ANSWER_SECONDS = 60  # a replay answers within 20 s, or when the event that it began is applied
TRIES = 3  # of a call that is answered with 503: try again

Letter = Mapping[str, Any]


class Refused(StackError):
    """The service said no; `problem` is its problem document."""

    def __init__(self, status: int, problem: Mapping[str, Any], reason: str) -> None:
        wrong = [f"{error['pointer']}: {error['message']}" for error in problem.get("errors", ())]
        super().__init__(
            " ".join([f"{status}: {problem.get('detail') or reason}", "; ".join(wrong)]).strip() + _advice(status)
        )
        self.problem = problem

    @property
    def name(self) -> str:
        """The last part of its type."""
        return str(self.problem.get("type", "")).rpartition("/")[2]


def _advice(status: int) -> str:
    return " Set KURSNAV_TOKEN to an access token of an operator or coordinator." if status in (401, 403) else ""


@dataclass(frozen=True)
class Among:
    """Which dead letters are meant."""

    states: tuple[str, ...] = ()
    consumer: str = ""
    key: str = ""

    def query(self, **more: Any) -> dict[str, Any]:
        named = {"state": list(self.states), "consumer": self.consumer, "key": self.key, **more}
        return {name: value for name, value in named.items() if value}


class DeadLetters:
    """The dead letters of one service. Raises `StackError` for what the caller can mend, `Refused` with its problem."""

    def __init__(self, service: str) -> None:
        chosen([service])
        self.service = service
        self._origin = origin()
        access = os.environ.get("KURSNAV_TOKEN") or token.make("operator")
        headers = {"Authorization": f"Bearer {access}", "Accept-Language": "en"}
        self._client = httpx2.Client(headers=headers, timeout=ANSWER_SECONDS)

    def each(self, among: Among) -> Iterator[Letter]:
        """All of them, oldest first, page by page."""
        cursor = None
        while True:
            page = self._call("GET", "", params=among.query(limit=PAGE, cursor=cursor))
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def first(self, among: Among) -> Letter | None:
        """The oldest of them."""
        items: Sequence[Letter] = self._call("GET", "", params=among.query(limit=1))["items"]
        return items[0] if items else None

    def counts(self, among: Among) -> dict[str, int]:
        """How many, by state."""
        counts: dict[str, int] = self._call("GET", "/counts", params=Among((), among.consumer, among.key).query())
        return counts

    def one(self, letter: str) -> Letter:
        found: Letter = self._call("GET", f"/{self._id(letter)}")
        return found

    def replay(self, letter: str, reason: str) -> Letter:
        """Replays it with the queue of its key; the answer says what was applied and what waits on."""
        return self._decide(letter, "replay", reason)

    def discard(self, letter: str, reason: str) -> Letter:
        """Closes it without applying it."""
        return self._decide(letter, "discard", reason)

    def _decide(self, letter: str, how: str, reason: str) -> Letter:
        headers = {"Idempotency-Key": str(uuid4())}
        decided: Letter = self._call("POST", f"/{self._id(letter)}/{how}", json={"reason": reason}, headers=headers)
        return decided

    def _id(self, letter: str) -> UUID:
        try:
            return UUID(letter)
        except ValueError:
            raise StackError(
                f"{letter} is no id of a dead letter. Those that are: kursnav dead-letters list {self.service}"
            ) from None

    def _call(self, method: str, path: str, **request: Any) -> Any:
        url = f"{self._origin}/{self.service}/v1/dead-letters{path}"
        for tries_left in reversed(range(TRIES)):
            try:
                answer = self._client.request(method, url, **request)
            except httpx2.TimeoutException as error:
                raise StackError(
                    f"{url} has not answered within {ANSWER_SECONDS} s. It may have been carried out all the same: "
                    "list the dead letters, then call again."
                ) from error
            except httpx2.HTTPError as error:
                raise StackError(
                    f"{self._origin} does not answer ({error}). Start the stack (kursnav up), or mend KURSNAV_URL."
                ) from error
            if answer.status_code != 503 or not tries_left:
                break
            time.sleep(float(answer.headers.get("retry-after", 1)))
        if answer.is_error:
            raise Refused(answer.status_code, _problem(answer), answer.reason_phrase)
        return answer.json()


def _problem(answer: httpx2.Response) -> Mapping[str, Any]:
    if "json" not in answer.headers.get("content-type", ""):
        return {}
    problem: Mapping[str, Any] = answer.json()
    return problem
