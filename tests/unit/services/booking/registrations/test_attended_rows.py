"""What an attested roll says of each person, for prerequisites and no-shows."""

from uuid import UUID

from services.booking.consumers import attended_rows
from shared.contracts.attendance_v1 import AttestedMinutes

SESSION, FIRST, SECOND = UUID(int=1), UUID(int=2), UUID(int=3)
CONFIRMED, CANCELLED = UUID(int=4), UUID(int=5)


def line(person: UUID, occasion: UUID, minutes: int) -> AttestedMinutes:
    return AttestedMinutes(
        participant_id=person, occasion_id=occasion, minutes=minutes, scheduled_minutes=180, excused=False
    )


def test_one_listed_for_a_part_is_measured_against_the_whole_session() -> None:
    rows = attended_rows(
        SESSION, (line(CONFIRMED, FIRST, 180), line(CONFIRMED, SECOND, 90), line(CANCELLED, SECOND, 160))
    )
    told = {row["participant_id"]: (row["minutes"], row["scheduled_minutes"]) for row in rows}
    assert told == {CONFIRMED: (270, 360), CANCELLED: (160, 360)}
    assert rows[0]["by_occasion"] == {str(FIRST): 180, str(SECOND): 90}


def test_several_lines_of_one_occasion_add_up() -> None:
    lines = line(CONFIRMED, FIRST, 100), line(CONFIRMED, FIRST, 20), line(CONFIRMED, SECOND, 3)
    [row] = attended_rows(SESSION, lines)
    assert (row["minutes"], row["by_occasion"]) == (123, {str(FIRST): 120, str(SECOND): 3})
