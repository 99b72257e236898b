"""The pages of follow-up: one list, in the order of how often they are looked for."""

from typing import Final

from shared.security.roles import Role
from shared.web.pages import _

OFFICE, FUNDER, EVALUATOR, MUNICIPALITY = Role.COORDINATOR, Role.FUNDER, Role.EVALUATOR, Role.MUNICIPALITY
BOTH: Final = (OFFICE, FUNDER)

LINKS: Final[tuple[tuple[tuple[Role, ...], str, str, str], ...]] = (
    (
        (OFFICE, FUNDER, EVALUATOR, MUNICIPALITY),
        "/uppfoljning/samfinansiering",
        _("Co-financing"),
        _("Promised, attested and claimable hours, where it is heading, and what closes the gap"),
    ),
    (
        (OFFICE, FUNDER, EVALUATOR, MUNICIPALITY),
        "/uppfoljning/siffror",
        _("Figures"),
        _("Every measure of a period, by municipality and course"),
    ),
    (
        (OFFICE, FUNDER, EVALUATOR, MUNICIPALITY),
        "/uppfoljning/rapporter",
        _("Reports"),
        _("Frozen, with the rows that they count and a checksum"),
    ),
    (
        (OFFICE,),
        "/uppfoljning/scheman",
        _("Reports by schedule"),
        _("Made and mailed by themselves, and whether they arrived"),
    ),
    (
        (OFFICE, FUNDER, EVALUATOR, MUNICIPALITY),
        "/uppfoljning/kontrollera-fil",
        _("Check a file"),
        _("Whether a file that you have got is as it was frozen"),
    ),
    (BOTH, "/uppfoljning/ekonomi", _("Economy"), _("Grant, payments and costs, and which months they cover")),
    (BOTH, "/uppfoljning/mal", _("Goals"), _("What was to be reached, and what has been")),
    (BOTH, "/uppfoljning/indikatorer", _("Indicators"), _("The EU's common indicators, by gender and age")),
    (BOTH, "/uppfoljning/kompetens", _("Competence"), _("Surplus and shortage, by municipality and occupation")),
    ((OFFICE,), "/uppfoljning/tackning", _("Coverage"), _("How many of each title have the courses they need")),
    ((OFFICE,), "/uppfoljning/aktiviteter", _("Activities"), _("Manager breakfasts and network days")),
    ((OFFICE,), "/uppfoljning/scenarier", _("Scenarios"), _("What the centre costs each member, if some stay")),
    ((OFFICE,), "/uppfoljning/omatchade", _("Unmatched hours"), _("What nobody can claim, and what to do about it")),
    ((OFFICE,), "/uppfoljning/enkater", _("Answers to surveys"), _("What participants and managers say, by course")),
    ((OFFICE,), "/uppfoljning/logg", _("Log"), _("Who stated or changed what of follow-up")),
)
"""For whom, where to, what it is called, and what it answers."""


def links_of(role: Role | None) -> list[tuple[str, str, str]]:
    """The pages of a role: address, name, and what it answers."""
    return [(address, name, answers) for roles, address, name, answers in LINKS if role in roles]
