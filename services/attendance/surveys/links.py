"""Links that answer once: made, found, used up."""

import hashlib
import secrets
from uuid import UUID

from sqlalchemy import RowMapping, text

from shared.database.unit_of_work import Unit
from shared.web.problems import Problem, not_found

TOKEN_BYTES = 24
FIND = text(
    """
    SELECT link.*, round.version, round.closes_at, round.waiting IS NULL OR round.closes_at <= :now AS closed,
           roll.course_title, roll.starts_at, roll.ends_at
      FROM survey_links AS link JOIN survey_rounds AS round USING (session_id, survey) JOIN rolls AS roll USING (session_id)
     WHERE token_hash = :token_hash
    """
)
USE_UP = text(
    "UPDATE survey_links SET answered = true WHERE token_hash = :token_hash AND NOT answered RETURNING session_id"
)
UNANSWERED = text(
    """
    SELECT link.token_hash FROM survey_links AS link JOIN survey_rounds AS round USING (session_id, survey)
     WHERE token_hash = ANY (CAST(:hashes AS text[])) AND NOT answered AND round.closes_at > :now
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


def new_token() -> str:
    """What a link ends in: nobody guesses it."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    """What is stored of it."""
    return hashlib.sha256(token.encode()).hexdigest()


async def find_link(unit: Unit, token: str) -> RowMapping:
    """The link with its survey and session. Raises 404, and 410 when nobody can answer any more."""
    row = await unit.one_or_none(FIND, {"token_hash": hash_of(token), "now": unit.recorded_at})
    if row is None:
        raise not_found("Enkätens länk", "The survey's link")
    if row["closed"] and not row["answered"]:
        raise CLOSED
    return row


async def use_up(unit: Unit, token: str) -> None:
    """Raises 409 when it has answered."""
    if await unit.scalar(USE_UP, {"token_hash": hash_of(token)}) is None:
        raise ALREADY_ANSWERED


async def unanswered(unit: Unit, tokens: dict[UUID, str]) -> dict[UUID, str]:
    """Those of the links, by session, that may still answer."""
    values = {"hashes": [hash_of(token) for token in tokens.values()], "now": unit.recorded_at}
    left = {row["token_hash"] for row in await unit.all(UNANSWERED, values)}
    return {session_id: token for session_id, token in tokens.items() if hash_of(token) in left}
