"""The refusals about participants, each with what to do."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping

from shared.web.problems import FieldError, Problem, conflict, invalid, not_found


def participant_not_found() -> Problem:
    return not_found("Deltagaren", "The participant")


def has_been_merged(into: UUID) -> Problem:
    return conflict(
        "participant-merged",
        "Deltagaren är sammanslagen med en annan, som finns kvar. Använd den.",
        "The participant was merged into another one, who remains. Use that one.",
        participant_id=str(into),
    )


def has_been_erased() -> Problem:
    return conflict(
        "participant-erased",
        "Deltagaren är raderad. Lägg in personen på nytt med sitt personnummer först, om hen har kommit tillbaka.",
        "The participant was erased. Enter the person anew by the personal number first, if she or he has come back.",
    )


def number_taken(holder: UUID) -> Problem:
    return conflict(
        "personal-number-taken",
        "En annan deltagare har numret. Kontrollera siffrorna. Är det samma människa, slå ihop de två i stället.",
        "Another participant has the number. Check the digits. If it is the same human, merge the two instead.",
        participant_id=str(holder),
    )


def no_way_back() -> Problem:
    return invalid(
        FieldError(
            "/personal_number",
            "coordination-number",
            "Den som har ett personnummer får inte ett samordningsnummer i stället. Kontrollera numret.",
            "Who has a personal number does not get a coordination number instead. Check the number.",
        )
    )


def same_participant() -> Problem:
    return invalid(
        FieldError(
            "/into",
            "same-participant",
            "Ange en annan deltagare än den som ska upphöra.",
            "Give another participant than the one that ends.",
        )
    )


def participants_collide(pairs: Sequence[RowMapping]) -> Problem:
    """409 naming what stands against two participants being one."""
    return Problem(
        "participants-collide",
        409,
        "Båda står på samma kurstillfälle, eller på två samtidigt. Avboka den ena, eller rätta närvaron, först.",
        "Both stand on one session, or on two at one time. Cancel one registration, or correct the attendance, first.",
        [_collision(pair) for pair in pairs],
        extra={
            "sessions": sorted({str(pair[side]) for pair in pairs for side in ("session", "other_session")}),
            "registrations": sorted(
                {str(pair[side]) for pair in pairs for side in ("registration", "other_registration") if pair[side]}
            ),
        },
    )


def _collision(pair: RowMapping) -> FieldError:
    mine, other = pair["session"], pair["other_session"]
    if mine == other:
        sv, en = f"Båda står på kurstillfälle {mine}.", f"Both stand on session {mine}."
        return FieldError("/into", "same-session", sv, en)
    return FieldError(
        "/into",
        "same-time",
        f"Kurstillfällena {mine} och {other} är samtidigt.",
        f"Sessions {mine} and {other} are at one time.",
    )
