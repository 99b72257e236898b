"""Answers that wait for others: one box a session and survey, in which they have no order and no time.

What was answered last cannot be told from the row, which changes as a whole: the answers in it are sorted, encrypted
anew each time with a key that is not in the database, and the box has the same length for many numbers of them.
"""

import json
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import RowMapping

from services.attendance.surveys.checks import Given
from shared.database.unit_of_work import Unit
from shared.security.cipher import Box

STEP = 4096  # bytes


def sealed(unit: Unit, session_id: UUID, survey: str, answers: Iterable[Given]) -> bytes:
    """The box with these answers in it."""
    assert unit.outbox.cipher is not None
    content = json.dumps(sorted((dict(one) for one in answers), key=_text)).encode()
    content += b" " * (-len(content) % STEP)
    return unit.outbox.cipher.encrypt(content, _place(session_id, survey)).to_json()


def opened(unit: Unit, row: RowMapping) -> Sequence[Given]:
    """The answers in the box of a round."""
    assert unit.outbox.cipher is not None
    place = _place(row["session_id"], row["survey"])
    answers: list[Given] = json.loads(unit.outbox.cipher.decrypt(Box.from_json(row["waiting"]), place))
    return answers


def _place(session_id: UUID, survey: str) -> bytes:
    return f"{session_id}/{survey}".encode()


def _text(answers: Given) -> str:
    return json.dumps(answers, sort_keys=True)
