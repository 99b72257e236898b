"""No id, order, time, batch, log, trace or row leads from an answer to a person (docs/decisions/0100).

Whoever looks has everything that the database and the topic hold, also what PostgreSQL adds to each row by itself.
"""

import logging
from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest
import structlog

from services.attendance.surveys.waiting import opened
from shared.contracts.topics import SURVEYS
from shared.security.links import digest_of
from tests.integration.attendance.post import DAY, NOW, Post, token_in
from tests.support.answers import ok
from tests.support.kafka_log import Written, everything_on
from tests.support.story import Session

pytestmark = pytest.mark.asyncio(loop_scope="module")

Row = dict[str, Any]
TOLD = [
    {"helped": "low", "confidence": 2, "language_support": "partly"},
    {"helped": "high", "confidence": 5, "language_support": "not_needed"},
    {"helped": "not_at_all", "confidence": 1, "language_support": "no"},
]
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"


async def invited(post: Post, number: int) -> tuple[Session, list[UUID], list[str]]:
    known = [await post.person() for _ in range(number)]
    people = [person for person, _ in known]
    session = await post.held(*people)
    await post.pass_time(NOW)
    return session, people, [token_in((await post.box.until(1, address))[0], "/enkat/") for _, address in known]


async def answer(post: Post, token: str, answers: Row) -> None:
    path, headers = f"/attendance/v1/surveys/answers/{token}", {"Idempotency-Key": str(uuid4())}
    trace = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "X-Request-Id": "the-request"}
    body = {"answers": answers, "language": "en"}
    ok(await post.anybody.post(path, json=body, headers=headers | trace), 201)


async def everything(post: Post) -> list[Row]:
    """Every row of every table, as text, with the transaction that wrote it."""
    rows = post.origin.rows
    found = []
    for table in await rows("attendance", TABLES):
        name = table["relname"]
        statement = f"SELECT '{name}' AS name, xmin::text AS written_by, t::text AS row FROM {name} AS t"
        found += await rows("attendance", statement)
    return found


async def round_of(post: Post, session: Session) -> Row:
    statement = "SELECT *, xmin::text AS written_by FROM survey_rounds WHERE session_id = $1 AND survey = 'participant'"
    [row] = await post.origin.rows("attendance", statement, session.id)
    return row


async def test_what_an_answer_writes_knows_the_session_and_nobody(post: Post, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "kursnav.http")  # a line for each request
    session, people, tokens = await invited(post, 4)
    before = await round_of(post, session)
    with structlog.testing.capture_logs() as logs:
        for token, told in zip(tokens, TOLD, strict=False):
            await answer(post, token, told)
    after, rows = await round_of(post, session), await everything(post)
    written = [row for row in rows if row["written_by"] == after["written_by"]]
    assert Counter(row["name"] for row in written) == {"survey_rounds": 1, "survey_links": 1, "idempotency_keys": 1}
    names = [str(person) for person in people] + list(tokens)
    assert not [row for row in written if any(name in row["row"] for name in names)]
    assert not [row for row in rows if "not_needed" in row["row"] or "the-request" in row["row"]]
    assert any(line["event"] == "request" for line in logs)
    assert not any(text in str(logs) for text in (*tokens, *names, "not_needed"))
    assert len(before["waiting"]) == len(after["waiting"]), "the length says how many"


async def test_the_link_of_an_answer_is_with_nobody_in_any_row(post: Post) -> None:
    """Digest and person never stand in one row, nor in rows of the same place in their tables."""
    session, people, tokens = await invited(post, 12)
    rows = await everything(post)
    for digest in (digest_of(token).hex() for token in tokens):
        [row] = [row for row in rows if digest in row["row"]]
        assert row["name"] == "survey_links"
        assert not [person for person in people if str(person) in row["row"]]
    order = "SELECT digest FROM survey_links WHERE session_id = $1 ORDER BY ctid"
    stored = [row["digest"] for row in await post.origin.rows("attendance", order, session.id)]
    assert stored == sorted(stored)


async def test_in_which_order_they_answered_is_kept_nowhere(post: Post) -> None:
    boxes = []
    for order in (TOLD, TOLD[::-1]):
        session, _, tokens = await invited(post, 3)
        for token, told in zip(tokens, order, strict=True):
            await answer(post, token, told)
        async with post.origin.services["attendance"].units.system() as unit:
            boxes.append(opened(unit, await round_of(post, session)))  # type: ignore[arg-type]
    assert boxes[0] == boxes[1]


async def test_what_is_published_has_a_day_and_no_trace(post: Post) -> None:
    session, people, tokens = await invited(post, 3)
    for token, told in zip(tokens, TOLD, strict=True):
        await answer(post, token, told)
    await post.pass_time(NOW + DAY)
    origin = post.origin
    await origin.settled()
    found = await everything_on(origin.stack.bootstrap_servers, origin.prefix + SURVEYS.name)
    answers = [one for one in found if one.key == str(session.id).encode() and "answered" in one.header("ce_type")]
    assert len(answers) == 3
    for one in answers:
        assert UUID(one.header("ce_id")).version == 4
        assert {one.header(name)[10:] for name in ("ce_time", "ce_recordedtime")} == {"T23:00:00Z"}
        assert not {"traceparent", "ce_correlationid", "ce_causationid"} & {name for name, _ in one.headers}
        assert not [person for person in people if str(person) in text_of(one)]
    rows = await everything(post)
    assert not [row for row in rows if "not_at_all" in row["row"]], "gone from the database with the batch"


def text_of(record: Written) -> str:
    return f"{record.value!r} {record.headers!r}"
