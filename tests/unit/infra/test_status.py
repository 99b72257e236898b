"""What `kursnav status` says about services that are not well."""

import json
from collections.abc import Callable

import httpx2
import pytest

from infra.commands import token
from infra.commands.status import Health, health_of

SETTLED = {"outbox_unsent": 0, "lag": 0, "held": 0, "parked": 0, "dead_letters": 0}
Answers = Callable[..., None]


def problem(detail: str) -> httpx2.Response:
    content = json.dumps({"detail": detail}).encode()
    return httpx2.Response(503, content=content, headers={"content-type": "application/problem+json"})


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Lets the service answer as given: what it says about its readiness, and its position."""
    client = httpx2.Client

    def give(ready: httpx2.Response | None, position: httpx2.Response | None) -> None:
        def handle(request: httpx2.Request) -> httpx2.Response:
            answer = ready if request.url.path.endswith("/health/ready") else position
            if answer is None:
                raise httpx2.ReadTimeout("", request=request)
            return answer

        monkeypatch.setattr(token, "make", lambda role: role)
        monkeypatch.setattr(
            httpx2, "Client", lambda **options: client(transport=httpx2.MockTransport(handle), **options)
        )

    return give


def told() -> Health:
    return health_of("http://kursnav.test", "booking")


def test_a_service_that_is_well_needs_no_note(answers: Answers) -> None:
    answers(httpx2.Response(200, json={"missing": []}), httpx2.Response(200, json=SETTLED))
    assert (told().well, told().notes()) == (True, [])


def test_a_silent_broker_makes_no_service_unready_but_the_position_unknown(answers: Answers) -> None:
    answers(httpx2.Response(200, json={"missing": []}), problem("The message broker does not answer."))
    assert (told().missing, told().well) == ((), False)
    assert told().notes() == [
        "booking does not know whether everything has arrived: The message broker does not answer."
    ]


def test_what_is_missing_is_said(answers: Answers) -> None:
    answers(httpx2.Response(503, json={"missing": ["database is old: run kursnav migrate"]}), problem("busy"))
    assert told().notes() == ["booking is not ready: database is old: run kursnav migrate"]


def test_no_answer_is_not_ready(answers: Answers) -> None:
    answers(None, None)
    assert told().notes() == ["booking is not ready: no answer (ReadTimeout)"]


@pytest.mark.parametrize("figure", ["dead_letters", "parked"])
def test_what_could_not_be_applied_comes_with_the_command(answers: Answers, figure: str) -> None:
    answers(httpx2.Response(200, json={"missing": []}), httpx2.Response(200, json={**SETTLED, figure: 3}))
    assert told().well, "a dead letter waits for a person; the service works"
    assert told().notes() == ["booking could not apply some events: kursnav dead-letters list booking"]
