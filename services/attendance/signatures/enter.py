"""Entering a signature: what was signed, as it was seen, and in the same transaction what others are told."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert, text

from services.attendance.project.queries import settings
from services.attendance.signatures.queries import month_of
from services.attendance.signatures.rules import Month
from services.attendance.signatures.tables import SignatureRow, SignedItemRow
from shared.contracts.signatures_v1 import HoursSigned, SignedItem, SigningMethod
from shared.database.unit_of_work import Unit
from shared.web.problems import Problem, conflict

# A change of the roll waits until what is signed is stored; then it finds it.
HOLD_ROLLS = text(
    "SELECT session_id FROM rolls WHERE session_id = ANY (CAST(:sessions AS uuid[])) ORDER BY session_id FOR SHARE"
)
REPLACE = text(
    "UPDATE signatures SET ended_at = :at WHERE participant_id = :person AND month = :month AND ended_at IS NULL"
)
REFUSED = ("document-changed", "nothing-to-sign", "already-signed")
"""By which `require_as_seen` refuses."""


async def month_to_sign(unit: Unit, person: UUID, month: str, seen: str) -> Month:
    """The month, whose rolls do not change before this transaction ends. Only in system scope.

    Raises 409 unless it is what was seen (`document_hash`), with something in it that is not signed yet.
    """
    before = await month_of(unit, person, month)
    await unit.execute(HOLD_ROLLS, {"sessions": sorted({item.session_id for item in before.items})})
    found = await month_of(unit, person, month)
    if found.document_hash != seen:
        raise conflict(
            "document-changed",
            "Timmarna har ändrats sedan du såg dem. Titta på dem igen och skriv sedan under.",
            "The hours have changed since you saw them. Look at them again, then sign.",
            document_hash=found.document_hash,
        )
    if not found.items:
        raise conflict(
            "nothing-to-sign",
            "Det finns inga godkända timmar i månaden. Vänta tills utbildningsledaren har godkänt närvaron.",
            "There are no attested hours in this month. Wait until the trainer has attested the attendance.",
        )
    if found.state == "signed":
        raise conflict(
            "already-signed",
            "Månaden är redan underskriven. Inget mer behövs.",
            "This month is signed already. Nothing more is needed.",
        )
    return found


async def require_open(unit: Unit, month: Month) -> None:
    """Raises 409 when it is too late to sign by code."""
    ends = month.signing_ends(await settings(unit))
    if ends is not None and ends <= unit.recorded_at:
        raise _too_late()


def _too_late() -> Problem:
    return conflict(
        "signing-window-over",
        "Tiden för att skriva under med kod är slut. Skriv under på papper hos projektkontoret.",
        "The time to sign by code is over. Sign on paper at the project office.",
    )


async def enter_signature(
    unit: Unit, month: Month, method: SigningMethod, *, signed_by: str, document_ref: str | None = None
) -> UUID:
    """Stores the signature of a month in the place of an older one, and publishes it. Returns its id."""
    person = month.participant_id
    signature = {
        "id": unit.ids.uuid7(),
        "participant_id": person,
        "month": month.month,
        "document_hash": month.document_hash,
        "method": method,
        "document_ref": document_ref,
        "signed_at": unit.recorded_at,
        "signed_by": signed_by,
    }
    await unit.execute(REPLACE, {"at": unit.recorded_at, "person": person, "month": month.month})
    await unit.execute(insert(SignatureRow), signature)
    await unit.execute(insert(SignedItemRow), [_item(signature["id"], item) for item in _signed(month)])
    unit.emit(
        HoursSigned(
            participant_id=person,
            month=month.month,
            items=tuple(_signed(month)),
            document_hash=month.document_hash,
            method=method,
        ),
        occurred_at=unit.recorded_at,
    )
    return UUID(str(signature["id"]))


def _signed(month: Month) -> list[SignedItem]:
    return [
        SignedItem(session_id=item.session_id, occasion_id=item.occasion_id, minutes=item.minutes)
        for item in month.items
    ]


def _item(signature_id: Any, item: SignedItem) -> dict[str, Any]:
    return {"signature_id": signature_id, **item.model_dump()}
