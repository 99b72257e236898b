"""The links on top of every page, by role: one list for all services, so that a person sees one product."""

from dataclasses import dataclass
from typing import Final

from shared.security.roles import ANY, Role
from shared.web.pages.languages import _

OFFICE, MUNICIPALITY = Role.COORDINATOR, Role.MUNICIPALITY
BOTH = (OFFICE, MUNICIPALITY)

SECTIONS: Final[tuple[tuple[str, tuple[tuple[tuple[Role, ...], str, str], ...]], ...]] = (
    (_("Home"), ((ANY, "/", _("Home")),)),
    (
        _("Courses"),
        (
            (ANY, "/boka/kurstillfallen", _("Sessions")),
            ((OFFICE,), "/boka/planering", _("Planning")),
            ((OFFICE,), "/boka/kurser", _("Courses")),
            ((OFFICE,), "/boka/utbildningsledare", _("Trainers")),
        ),
    ),
    (
        _("People"),
        (
            (BOTH, "/boka/anmalningar", _("Registrations")),
            (BOTH, "/boka/personal", _("Staff")),
            (BOTH, "/narvaro/placeringar", _("Placements")),
            (BOTH, "/boka/behov", _("Needs")),
            (BOTH, "/boka/utskick", _("Mails")),
        ),
    ),
    (
        _("Attendance"),
        (
            ((OFFICE, Role.TRAINER), "/narvaro", _("Attendance")),
            ((OFFICE,), "/narvaro/underskrifter", _("Signatures")),
            ((OFFICE,), "/narvaro/enkater", _("Surveys")),
            (BOTH, "/narvaro/intyg", _("Certificates")),
        ),
    ),
    (
        _("Follow-up"),
        (
            ((OFFICE, Role.FUNDER, Role.EVALUATOR), "/uppfoljning", _("Follow-up")),
            ((MUNICIPALITY,), "/uppfoljning/samfinansiering", _("Our hours")),
            ((OFFICE, MUNICIPALITY, Role.FUNDER, Role.EVALUATOR), "/uppfoljning/rapporter", _("Reports")),
            ((OFFICE,), "/uppfoljning/scheman", _("Reports by schedule")),
        ),
    ),
    (
        _("The project"),
        (
            ((OFFICE,), "/boka/kommuner", _("Municipalities")),
            ((OFFICE,), "/boka/installningar", _("Settings")),
            ((OFFICE,), "/boka/logg", _("Log")),
        ),
    ),
)
"""What belongs together: for whom, where to, and what it is called. A new link stands where it is used most."""
IN_A_ROW: Final = 9
"""As many links stand beside each other; who has more chooses a section first."""

ROLES: Final = {
    Role.COORDINATOR: _("Project office"),
    Role.OPERATOR: _("Operations"),
    Role.FUNDER: _("Funder"),
    Role.EVALUATOR: _("Evaluator"),
    Role.MUNICIPALITY: _("Municipality"),
    Role.TRAINER: _("Trainer"),
}
VISITORS: Final = (("/", _("Home")), ("/kurser", _("Courses")))


@dataclass(frozen=True)
class Section:
    """One entry of the menu, which leads to the first of its links."""

    text: str
    links: tuple[tuple[str, str], ...]
    """Address and text of each."""


def sections(role: Role | None) -> list[Section]:
    """The menu of a role."""
    if role is None:
        return [Section(text, ((address, text),)) for address, text in VISITORS]
    found = [(name, [(address, text) for roles, address, text in links if role in roles]) for name, links in SECTIONS]
    if sum(len(links) for _name, links in found) > IN_A_ROW:
        return [Section(name if len(links) > 1 else links[0][1], tuple(links)) for name, links in found if links]
    return [Section(text, ((address, text),)) for _name, links in found for address, text in links]
