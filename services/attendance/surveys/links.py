"""Links that answer once: made, found, used up."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, text

from shared.database.unit_of_work import Unit
from shared.security.links import digest_of
from shared.web.problems import Problem, not_found

FIND = text(
    """
    SELECT link.*, round.version, round.closes_at, round.waiting IS NULL OR round.closes_at <= :now AS closed,
           roll.course_title, roll.starts_at, roll.ends_at
      FROM survey_links AS link JOIN survey_rounds AS round USING (session_id, survey)
      JOIN rolls AS roll USING (session_id)
     WHERE digest = :digest
    """
)
USE_UP = text("UPDATE survey_links SET answered = true WHERE digest = :digest AND NOT answered RETURNING session_id")
UNANSWERED = text(
    """
    SELECT link.digest FROM survey_links AS link JOIN survey_rounds AS round USING (session_id, survey)
     WHERE digest = ANY (CAST(:digests AS bytea[])) AND NOT link.answered AND round.closes_at > :now
    """
)
CLOSED = Problem(
    "survey-closed",
    410,
    "Enkäten är stängd. Tack för att du ville svara.",
    "The survey is closed. Thank you for wanting to answer.",
)
ALREADY_ANSWERED = Problem(
    "already-answered",
    409,
    "Svaret är redan mottaget. Du behöver inte göra något mer.",
    "The answer has been received. There is nothing more to do.",
)


async def find_link(unit: Unit, token: str) -> RowMapping:
    """The link with its survey and session. Raises 404, and 410 when nobody can answer any more."""
    row = await unit.found(
        FIND,
        {"digest": digest_of(token), "now": unit.recorded_at},
        missing=not_found("Enkätens länk", "The survey's link"),
    )
    if row["closed"] and not row["answered"]:
        raise CLOSED
    return row


async def use_up(unit: Unit, token: str) -> None:
    """Raises 409 when it has answered."""
    if await unit.scalar(USE_UP, {"digest": digest_of(token)}) is None:
        raise ALREADY_ANSWERED


async def unanswered(unit: Unit, tokens: Sequence[str]) -> list[str]:
    """Those of the links that may still answer."""
    values = {"digests": [digest_of(token) for token in tokens], "now": unit.recorded_at}
    left = {row["digest"] for row in await unit.all(UNANSWERED, values)}
    return [token for token in tokens if digest_of(token) in left]
