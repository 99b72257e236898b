"""THE rule of seats: who may have how many, decided from numbers alone.

Every act that gives seats away (registering, promoting, later reserving) asks `decide`, and asks it while it holds the
lock of the session: the rule is only as true as the numbers that it gets.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Seats:
    """A session's seats at one moment.

    `shares` are the guaranteed seats per municipality that are *not yet released*; `taken` counts confirmed
    registrations and held seats per municipality. A municipality uses its own share first, then the common pool: what
    is left when all unreleased shares are set aside.
    """

    capacity: int
    taken: Mapping[str, int] = field(default_factory=dict)
    shares: Mapping[str, int] = field(default_factory=dict)
    pool_closed: bool = False
    closed_shares: frozenset[str] = frozenset()

    @property
    def free(self) -> int:
        """Seats that nobody has, whomever they are guaranteed to."""
        return max(0, self.capacity - sum(self.taken.values()))

    @property
    def pool_left(self) -> int:
        """Seats of the common pool that nobody has."""
        from_pool = sum(max(0, taken - self.shares.get(code, 0)) for code, taken in self.taken.items())
        return max(0, self.capacity - sum(self.shares.values()) - from_pool)

    def guaranteed_left(self, municipality: str) -> int:
        """Seats of its own unreleased share that this municipality has not used."""
        return max(0, self.shares.get(municipality, 0) - self.taken.get(municipality, 0))

    def available_to(self, municipality: str) -> int:
        """Seats that this municipality may take now."""
        own = 0 if municipality in self.closed_shares else self.guaranteed_left(municipality)
        pool = 0 if self.pool_closed else self.pool_left
        return min(self.free, own + pool)

    def available_to_anybody(self) -> int:
        """Seats that could be taken now by the municipalities together."""
        own = sum(self.guaranteed_left(code) for code in self.shares if code not in self.closed_shares)
        return min(self.free, own + (0 if self.pool_closed else self.pool_left))

    def give(self, municipality: str, seats: int) -> "Seats":
        """The seats after this many were given to the municipality."""
        return replace(self, taken={**self.taken, municipality: self.taken.get(municipality, 0) + seats})

    def behind(self, municipalities: Iterable[str]) -> "Seats":
        """The seats as one sees them who stands behind an entry of these municipalities in a strict queue.

        The pool and their shares belong to those in front; the guaranteed seats of others do not.
        """
        return replace(self, pool_closed=True, closed_shares=self.closed_shares.union(municipalities))


@dataclass(frozen=True)
class SeatRequest:
    """Seats for `persons`, given as the municipality of each, in order; fewer than `minimum` are of no use to them."""

    seats: Seats
    persons: Sequence[str]
    minimum: int


@dataclass(frozen=True)
class Decision:
    """Who of the persons gets a seat (nobody, or at least the minimum), and the seats afterwards.

    `available` is how many of them could have been seated.
    """

    granted: tuple[bool, ...]
    available: int
    seats: Seats

    @property
    def seated(self) -> int:
        return sum(self.granted)


def decide(request: SeatRequest) -> Decision:
    """Seat the persons in their order as far as there is room, or nobody when that is fewer than the minimum.

    Each uses the own municipality's share first, so no other order would seat more of them.
    """
    seats = request.seats
    granted: list[bool] = []
    for municipality in request.persons:
        fits = seats.available_to(municipality) > 0
        seats = seats.give(municipality, int(fits))
        granted.append(fits)
    available = sum(granted)
    if available < max(1, request.minimum):
        return Decision((False,) * len(granted), available, request.seats)
    return Decision(tuple(granted), available, seats)


def everybody_fits(seats: Seats) -> bool:
    """Whether everybody who has a seat still has one: asked before a capacity changes."""
    return sum(seats.taken.values()) <= seats.capacity


def shares_hold(seats: Seats) -> bool:
    """Whether every guaranteed seat is there, taken or free: asked before capacity or shares change."""
    return sum(seats.guaranteed_left(code) for code in seats.shares) <= seats.free
