"""One-time codes: whoever signs shows that the mailbox is theirs. Limits count per link, not per address."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, text
from starlette.requests import Request

from services.attendance.links.admission import Holder
from services.attendance.notices.compose import Mailing
from services.attendance.people.contacts import contact_of
from shared.database.unit_of_work import Unit
from shared.security.cipher import Box, Cipher
from shared.web.problems import FieldError, Problem, conflict, invalid

DIGITS: Final = 6
GOOD_FOR: Final = timedelta(minutes=10)
MOST_WRONG: Final = 5
MOST_MAILS, HOUR = 5, timedelta(hours=1)
HOLD_LINK = text("SELECT 1 FROM links WHERE id = :link FOR UPDATE")
SENT = text("SELECT sent_at FROM signing_codes WHERE link_id = :link AND sent_at > :since ORDER BY sent_at")
ADD = text("INSERT INTO signing_codes (id, link_id, sealed, sent_at) VALUES (:id, :link, :sealed, :at)")
LAST = text(
    "SELECT id, sealed, sent_at, wrong, used_at FROM signing_codes WHERE link_id = :link "
    "ORDER BY sent_at DESC, id DESC LIMIT 1 FOR UPDATE"
)
COUNT_WRONG = text("UPDATE signing_codes SET wrong = wrong + 1 WHERE id = :id")
USE = text("UPDATE signing_codes SET used_at = :at WHERE id = :id AND used_at IS NULL RETURNING id")


class Outcome(StrEnum):
    """What became of an attempt with a code."""

    RIGHT = "right"
    WRONG = "wrong-code"
    NONE = "no-code"
    BURNED = "code-burned"


@dataclass(frozen=True)
class Attempt:
    """An attempt, and which code it was right by."""

    outcome: Outcome
    code_id: UUID | None = None


async def send_code(unit: Unit, mailing: Mailing, link: Holder) -> datetime:
    """Mails a new code, in the place of an older one. Returns until when it is good. Raises 429 after 5 in an hour.

    Only in system scope.
    """
    await unit.execute(HOLD_LINK, {"link": link.link_id})
    now = unit.recorded_at
    sent = await unit.all(SENT, {"link": link.link_id, "since": now - HOUR})
    if len(sent) >= MOST_MAILS:
        raise _too_many(sent[-MOST_MAILS]["sent_at"] + HOUR - now)
    contact = await contact_of(unit, link.participant_id, link.employment_id)
    if contact is None or contact.reader.address is None:
        raise conflict(
            "no-address",
            "Det finns ingen e-postadress att skicka koden till. Skriv under på papper hos projektkontoret.",
            "There is no e-mail address to send the code to. Sign on paper at the project office.",
        )
    code_id, code = unit.ids.uuid7(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    assert mailing.postbox.cipher is not None
    sealed = mailing.postbox.cipher.encrypt(code.encode(), code_id.bytes).to_json()
    await unit.execute(ADD, {"id": code_id, "link": link.link_id, "sealed": sealed, "at": now})
    until = now + GOOD_FOR
    await mailing.post(unit, contact, "code", f"code/{code_id}", until, code=code, until=until)
    return until


def _too_many(wait: timedelta) -> Problem:
    minutes = -(-wait // timedelta(minutes=1))
    return Problem(
        "too-many-codes",
        429,
        f"Fem koder har skickats den senaste timmen. Använd den senaste, eller vänta {minutes} minuter.",
        f"Five codes were sent within the last hour. Use the last one, or wait {minutes} minutes.",
        headers={"Retry-After": str(int(wait.total_seconds()) + 1)},
    )


async def attempted(request: Request) -> Attempt:
    """Tries the code of a request. A wrong one is counted in a transaction of its own, whatever becomes of the call."""
    link: Holder = request.scope["caller"]
    code: str = (await request.json()).code
    async with request.app.state.units.system() as unit:
        row = await unit.one_or_none(LAST, {"link": link.link_id})
        if row is None or row["used_at"] or row["sent_at"] + GOOD_FOR <= unit.recorded_at:
            return Attempt(Outcome.NONE)
        if row["wrong"] >= MOST_WRONG:
            return Attempt(Outcome.BURNED)
        if _is_right(code, row, request.app.state.mailing.postbox.cipher):
            return Attempt(Outcome.RIGHT, row["id"])
        await unit.execute(COUNT_WRONG, {"id": row["id"]})
        burned = row["wrong"] + 1 >= MOST_WRONG
        return Attempt(Outcome.BURNED if burned else Outcome.WRONG)


def _is_right(code: str, row: RowMapping, cipher: Cipher) -> bool:
    kept = cipher.decrypt(Box.from_json(row["sealed"]), row["id"].bytes)
    return hmac.compare_digest(code.encode(), kept)


async def use_code(unit: Unit, attempt: Attempt) -> None:
    """Uses the code up with this transaction. Raises 422 for a wrong one, 429 for one that was wrong too often."""
    if attempt.outcome is Outcome.BURNED:
        raise Problem(
            "code-burned",
            429,
            "Koden har skrivits fel fem gånger och gäller inte längre. Begär en ny kod.",
            "The code was entered wrong five times and is no longer valid. Ask for a new code.",
        )
    if attempt.outcome is Outcome.WRONG:
        raise invalid(
            FieldError(
                "/code",
                "wrong-code",
                "Koden stämmer inte. Skriv de sex siffrorna ur det senaste mejlet.",
                "The code is not right. Enter the six digits of the last mail.",
            )
        )
    used = {"id": attempt.code_id, "at": unit.recorded_at}
    if attempt.outcome is Outcome.NONE or await unit.scalar(USE, used) is None:
        raise invalid(
            FieldError(
                "/code",
                "no-code",
                "Koden gäller inte längre. Begär en ny kod.",
                "The code is no longer valid. Ask for a new code.",
            )
        )
