"""What the call about burned seats answers."""

from pydantic import BaseModel


class BurnedShown(BaseModel):
    """Seats, and the minutes taught in them, breaks left out."""

    seats: int = 0
    minutes: int = 0


class BurnedSeatsShown(BaseModel):
    """What a municipality left empty: given back too late, not used, or for reasons that count against nobody."""

    municipality: str
    late: BurnedShown
    no_show: BurnedShown
    neutral: BurnedShown


class BurnedSeatsListShown(BaseModel):
    """Each municipality that the caller may see."""

    items: list[BurnedSeatsShown]
