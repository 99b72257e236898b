"""What an operator reads about a dead letter."""

import ast
import inspect
from typing import Any
from uuid import uuid4

import pytest

from infra.commands import dead_letters_view as view
from shared.contracts import envelope


def letter(**changed: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "state": "dead",
        "consumer": "attendance.project",
        "reason": "wrong-content-type",
        "detail": "content-type is 'text/plain'",
        "topic": "kursnav.booking.v1",
        "partition": 0,
        "offset": 17,
        "key": str(uuid4()),
        "headers": [["ce_id", str(uuid4())]],
        "value_base64": None,
        "received_at": "2025-06-01T10:00:00Z",
        "decided_at": None,
        "decided_by": None,
        "decision_reason": None,
        "waiting": 0,
        **changed,
    }


def reasons_of_the_envelope() -> set[str]:
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(envelope))) if isinstance(node, ast.Call)]
    made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "BadRecord"]
    return {str(call.args[0].value) for call in made if isinstance(call.args[0], ast.Constant)}


def test_every_reason_of_the_envelope_has_advice_of_its_own() -> None:
    assert reasons_of_the_envelope() - set(view.HEADERS) - set(view.KNOWN) == set()


@pytest.mark.parametrize(("reason", "helps"), [("broken-json", False), ("unknown-type", True), ("ValueError", True)])
def test_a_replay_is_named_where_it_may_help(reason: str, helps: bool) -> None:
    dead = letter(reason=reason)
    advice = view.advice("booking", dead, None)
    assert (f"kursnav dead-letters replay booking {dead['id']}" in advice) == helps
    assert f"kursnav dead-letters discard booking {dead['id']} --reason" in advice


def test_what_is_parked_names_what_it_waits_for() -> None:
    parked, before = letter(state="parked", reason="parked"), letter()
    assert f"kursnav dead-letters show booking {before['id']}" in view.advice("booking", parked, before)
    assert f"kursnav dead-letters replay booking {parked['id']}" in view.advice("booking", parked, None)


def test_what_a_terminal_would_obey_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    headers = [["x-\x1b[31m", "a\x07b"]]
    evil = letter(reason="\x1b]0;title\x07", key="\x1b[2J", detail="[red]x[/red]", headers=headers)
    view.listing([evil])
    view.details("booking", letter(**{**evil, "value_base64": "G1szMW0="}), None)
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\x07" not in said
    assert "[red]x[/red]" in said


def test_the_longest_row_fits_the_width(capsys: pytest.CaptureFixture[str]) -> None:
    decided = {"decided_at": "2025-06-01T10:00:00Z", "decided_by": "operator-1", "decision_reason": "so " * 60}
    view.listing([letter(), letter(state="parked"), letter(state="replayed", **decided)])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= view.WIDTH
    assert "2025-06-01 12:00" in "".join(lines), "Swedish time"


def test_a_header_without_end_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    view.details("booking", letter(headers=[["ce_sequence", "9" * 5000]]), None)
    said = capsys.readouterr().out
    assert said.count("9") < 400
    assert "(5000 characters)" in " ".join(said.split())


@pytest.mark.parametrize(("raw", "shown"), [(None, "tombstone"), ("", "(empty)"), ("/w==", "ff"), ("eyI=", '{"')])
def test_a_value_is_shown_whatever_it_is(raw: str | None, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    view.details("booking", letter(value_base64=raw), None)
    assert shown in capsys.readouterr().out
