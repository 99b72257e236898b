"""Registering several people in one request: `all` of them, `any`, or `at_least` a number of them get seats."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Policy(StrEnum):
    """How much of a group must have a seat at once."""

    ALL = "all"
    ANY = "any"
    AT_LEAST = "at_least"


@dataclass(frozen=True)
class Group:
    """`eligible` says for each person of the request, in its order, whether that person may have a seat at all."""

    policy: Policy
    eligible: Sequence[bool]
    at_least: int = 1

    @property
    def wanted(self) -> int:
        return sum(self.eligible)

    @property
    def minimum(self) -> int:
        """Seats that must be had at once for the policy to hold."""
        if self.policy is Policy.ALL:
            return len(self.eligible)
        return self.at_least if self.policy is Policy.AT_LEAST else 1

    @property
    def possible(self) -> bool:
        """False when too many of the persons may not take part: no seat that frees can change that."""
        return self.wanted >= self.minimum


class Outcome(StrEnum):
    """What one person gets. `GROUPED` waits in one entry together with the others; `WAITING` in an entry alone."""

    CONFIRMED = "confirmed"
    WAITING = "waiting"
    GROUPED = "grouped"
    FULL = "full"
    INELIGIBLE = "ineligible"
    GROUP_FAILED = "group-failed"


@dataclass(frozen=True)
class Verdict:
    """One outcome per person of the request, in its order, and whether the policy was met at once."""

    outcomes: tuple[Outcome, ...]
    met: bool


def judge(group: Group, seated: Sequence[bool], waitlist: bool) -> Verdict:
    """What each person gets. `seated`: who of the *eligible* persons, in order, has a seat (none, or the minimum)."""
    if not group.possible:
        return Verdict(tuple(Outcome.GROUP_FAILED if ok else Outcome.INELIGIBLE for ok in group.eligible), met=False)
    met = any(seated)
    rest = _without_seat(group, met, waitlist)
    turns = iter(seated)
    return Verdict(
        tuple(Outcome.INELIGIBLE if not ok else Outcome.CONFIRMED if next(turns) else rest for ok in group.eligible),
        met,
    )


def _without_seat(group: Group, met: bool, waitlist: bool) -> Outcome:
    if not waitlist:
        return Outcome.FULL
    waits_as_one = not met and group.policy is not Policy.ANY and group.wanted > 1
    return Outcome.GROUPED if waits_as_one else Outcome.WAITING
