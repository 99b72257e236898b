"""The file of a phone that could not send, taken in by the office."""

import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from shared.security.roles import Role
from tests.support.browsers import browser
from tests.support.school import NINE, School, got, mark
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGE = "/narvaro/telefon-fil"


async def sent(school: School, content: Any) -> httpx2.Response:
    office = browser(school.origin, Role.COORDINATOR)
    return await office.post(PAGE, files={"file": ("markningar.json", json.dumps(content).encode())})


def saved(session: Session, *marks: Any) -> dict[str, Any]:
    return {
        "format": "kursnav-phone/1",
        "saved_at": (NINE + timedelta(hours=1)).isoformat(),
        "clock_off": -120_000,
        "device_id": "phone",
        "trainer_id": str(session.trainers[0]),
        "sessions": [{"session_id": str(session.id), "marks": [*marks]}],
    }


async def test_a_personal_number_in_a_file_is_refused_as_in_a_call(school: School) -> None:
    """A mark that nobody can read is kept as it came, and the name of the device with every mark."""
    session, [anna] = await school.with_people(1)
    unreadable = saved(session, {"name": "198112189876"})
    named = saved(session, mark(session, anna)) | {"device_id": "Phone of 19811218-9876"}
    for content in (unreadable, named):
        answer = await sent(school, content)
        assert answer.status_code == 422, answer.text
        assert "Ta bort personnumret" in answer.text
    for kept in ("marks", "refused-marks"):
        assert (await got(school.coordinator, f"/attendance/v1/sessions/{session.id}/{kept}"))["items"] == []


async def test_marks_of_a_file_are_the_trainers_at_the_times_of_the_taps_and_count_once(school: School) -> None:
    session, [anna] = await school.with_people(1)
    content = saved(session, mark(session, anna, minute=30))
    for _ in range(2):
        answer = await sent(school, content)
        assert answer.status_code == 303, answer.text
    [stored] = (await got(school.coordinator, f"/attendance/v1/sessions/{session.id}/marks"))["items"]
    assert (stored["source"], stored["recorded_by"], stored["on_behalf_of"]) == (
        "trainer",
        "coordinator",
        str(session.trainers[0]),
    )
    assert stored["marked_at"].startswith("2025-03-03T09:28:00+01:00"), "the phone was two minutes ahead"


async def test_what_is_no_file_of_a_phone_is_refused_on_its_page(school: School) -> None:
    answer = await sent(school, {"format": "something else"})
    assert answer.status_code == 422
    assert "markningar-" in answer.text
    trainer = browser(school.origin, Role.TRAINER, trainer_id=(await school.session()).trainers[0])
    assert (await trainer.get(PAGE)).status_code == 403
