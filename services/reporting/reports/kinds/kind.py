"""What a kind of report is: everything in which it differs from the others."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from services.reporting.days import Period
from services.reporting.recompute.ledger import Attended, Selection, ledger_of, within
from services.reporting.recompute.model import Facts
from services.reporting.reports.content import Content, Json
from services.reporting.reports.listed import Listed
from services.reporting.reports.presentation import Section
from services.reporting.reports.sections.reading import Reading
from shared.database.unit_of_work import Unit
from shared.security.roles import Role

Given = Callable[[Unit, str, Period], Awaitable[Json]]


def no_lists(facts: Facts, content: Content) -> tuple[Listed, ...]:
    return ()


@dataclass(frozen=True)
class Kind:
    """One kind of report. The project office reads every one; `readers` are the others.

    `adds_up` names the figures that a list's columns sum to: list → column (or `ROWS`) → path. `given` is what a kind
    takes beside facts, and is stored with it. A `released` kind tells rounded figures only.
    """

    name: str
    sections: tuple[Callable[[Reading], Section], ...]
    readers: frozenset[Role] = frozenset({Role.FUNDER})
    lists: Callable[[Facts, Content], tuple[Listed, ...]] = no_lists
    adds_up: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    given: Given | None = None
    release: Callable[[Facts, Content], Content] | None = None
    sums_up: bool = True
    """Whether the summary says how many people, sessions and hours."""
    of_one_municipality: bool = False
    with_occasions: bool = False
    """Whether the workbook has a sheet of every person's occasions."""

    @property
    def released(self) -> bool:
        return self.release is not None


ROWS = ""
"""In `adds_up`: the number of rows."""


def attested(facts: Facts, content: Content) -> list[Attended]:
    """The attested rows of the report's period, with the employer that each is credited to."""
    return within(ledger_of(facts).attested, content.period.days, Selection(content.order.municipality))


def of_lists(reading: Reading) -> tuple[Section, ...]:
    return tuple(
        Section(f"list-{one.name}", one.title, _note(reading, one), lists=(one,)) for one in reading.content.lists
    )


def _note(reading: Reading, one: Listed) -> tuple[str, ...]:
    return () if one.rows else (reading.words("none"),)
