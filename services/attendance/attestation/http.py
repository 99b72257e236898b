"""Attesting, seals and corrections."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from starlette.responses import Response

from services.attendance.attestation.attest import attest
from services.attendance.attestation.bodies import (
    AttestBody,
    AttestedShown,
    CorrectionBody,
    CorrectionShown,
    SealedContentShown,
    SealShown,
    VerificationShown,
    VerifiedSealShown,
)
from services.attendance.attestation.correct import correct
from services.attendance.attestation.seals import recomputed_hash, sealed_bytes, seals_of
from services.attendance.marks.queries import mark_of_session, marks_of
from services.attendance.rolls.content import content_of
from services.attendance.rolls.lock import ATTESTED, find_roll
from shared.web.cursors import Listing, Paging
from shared.web.openapi import problems
from shared.web.problems import not_found
from shared.web.routing import Role, Unit, Versioned, allow, service_router

router = service_router(tag="attestation")


STATE = text("SELECT state FROM rolls WHERE session_id = :session_id")


@router.post(
    "/v1/sessions/{session_id}/attest",
    responses={
        409: problems("held-marks", "roll-changed", "session-cancelled", "session-not-over", "unresolved-conflicts")
    },
)
async def attest_roll(
    session_id: UUID, body: AttestBody, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> AttestedShown:
    """Certifies the roll as the caller saw it, and seals it. Never back-dated."""
    return await attest(unit, session_id, body)


@router.get("/v1/sessions/{session_id}/seals")
async def list_seals(
    session_id: UUID, page: Paging, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER, Role.FUNDER)
) -> Listing[SealShown]:
    """Every sealed version, oldest first."""
    await find_roll(unit, session_id)
    rows = await seals_of(unit, session_id, after=page.last(int), limit=page.fetch)
    return page.answer(rows, lambda row: [row["roll_version"]], lambda row: SealShown(**_columns(unit, row)))


@router.get("/v1/sessions/{session_id}/seals/{roll_version}")
async def show_seal(
    session_id: UUID,
    roll_version: int,
    unit: Unit = allow(Role.COORDINATOR, Role.TRAINER, Role.FUNDER),
) -> Versioned[SealShown]:
    """One sealed version."""
    seal = await _seal(unit, session_id, roll_version)
    return Versioned(SealShown(**_columns(unit, seal)), roll_version)


@router.get(
    "/v1/sessions/{session_id}/seals/{roll_version}/content",
    response_class=Response,
    responses={200: {"model": SealedContentShown}},
)
async def show_sealed_content(
    session_id: UUID, roll_version: int, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER, Role.FUNDER)
) -> Versioned[Response]:
    """The very bytes that were sealed, without names: their SHA-256 is `sealed_hash`."""
    seal = await _seal(unit, session_id, roll_version)
    return Versioned(Response(sealed_bytes(seal), media_type="application/json"), roll_version)


async def _seal(unit: Unit, session_id: UUID, roll_version: int) -> RowMapping:
    for seal in await seals_of(unit, session_id):
        if seal["roll_version"] == roll_version:
            return seal
    raise not_found("Förseglingen", "The seal")


@router.post("/v1/sessions/{session_id}/verify")
@router.post("/v1/sessions/{session_id}/seals/verify")
async def verify_seals(
    session_id: UUID, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER, Role.FUNDER)
) -> VerificationShown:
    """Recomputes every seal's hash, and whether the roll still says what was sealed last."""
    roll = await find_roll(unit, session_id)
    seals = [_verified(unit, row) for row in await seals_of(unit, session_id)]
    matches = None
    if roll["state"] == ATTESTED:
        matches = (await content_of(unit, session_id)).hash == roll["sealed_hash"]
    return VerificationShown(hash_matches=all(seal.hash_matches for seal in seals), roll_matches=matches, seals=seals)


def _verified(unit: Unit, row: RowMapping) -> VerifiedSealShown:
    recomputed = recomputed_hash(row)
    return VerifiedSealShown(
        **_columns(unit, row), recomputed_hash=recomputed, hash_matches=recomputed == row["sealed_hash"]
    )


def _columns(unit: Unit, row: RowMapping) -> dict[str, Any]:
    own = ("roll_version", "sealed_hash", "attested_at", "attested_by", "attested_as", "on_behalf_of")
    lines = row["content"]["lines"]
    return {
        "id": row["roll_version"],
        **{column: row[column] for column in own},
        "reason": None if unit.role is Role.FUNDER else row["reason"],
        "people": len({line["participant_id"] for line in lines}),
        "minutes": sum(line["minutes"] for line in lines),
    }


@router.post(
    "/v1/sessions/{session_id}/corrections",
    status_code=201,
    responses={409: problems("nothing-to-correct", "overlapping-minutes", "roll-not-attested")},
)
async def post_correction(
    session_id: UUID, body: CorrectionBody, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> CorrectionShown:
    """Corrects a sealed roll: the seal is broken, and the minutes count again when it is attested again."""
    correction_id = await correct(unit, session_id, body)
    return await _correction(unit, session_id, correction_id)


@router.get("/v1/sessions/{session_id}/corrections")
async def list_corrections(
    session_id: UUID, page: Paging, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> Listing[CorrectionShown]:
    """All corrections of a roll, oldest first."""
    roll = await find_roll(unit, session_id)
    rows = await marks_of(unit, session_id, standing=None, kind="correction", after=page.last(UUID), limit=page.fetch)
    return page.answer(rows, lambda row: [row["mark_id"]], lambda row: _shown(row, roll["state"]))


@router.get("/v1/sessions/{session_id}/corrections/{correction_id}")
async def show_correction(
    session_id: UUID, correction_id: UUID, unit: Unit = allow(Role.COORDINATOR, Role.TRAINER)
) -> Versioned[CorrectionShown]:
    """One correction."""
    shown = await _correction(unit, session_id, correction_id)
    return Versioned(shown, shown.roll_version)


async def _correction(unit: Unit, session_id: UUID, correction_id: UUID) -> CorrectionShown:
    row = await mark_of_session(unit, session_id, correction_id)
    if row is None or row["kind"] != "correction":
        raise not_found("Rättelsen", "The correction")
    return _shown(row, await unit.scalar(STATE, {"session_id": session_id}))


def _shown(row: RowMapping, state: str) -> CorrectionShown:
    own = ("participant_id", "occasion_id", "minutes", "reason", "reason_code", "replaces")
    return CorrectionShown(
        id=row["mark_id"],
        **{column: row[column] for column in own},
        corrected_at=row["received_at"],
        corrected_by=row["recorded_by"],
        roll_version=row["version"],
        state="attested" if state == ATTESTED else "reopened",
    )
