"""The links on top of every page, by role: one list for all services, so that a person sees one product."""

from typing import Final

from shared.security.roles import ANY, Role
from shared.web.pages.languages import _

OFFICE, MUNICIPALITY = Role.COORDINATOR, Role.MUNICIPALITY
BOTH = (OFFICE, MUNICIPALITY)

LINKS: Final[tuple[tuple[tuple[Role, ...], str, str], ...]] = (
    (ANY, "/", _("Home")),
    (ANY, "/boka/kurstillfallen", _("Sessions")),
    ((OFFICE, Role.TRAINER), "/narvaro", _("Attendance")),
    ((OFFICE,), "/narvaro/enkater", _("Surveys")),
    ((OFFICE,), "/narvaro/underskrifter", _("Signatures")),
    (BOTH, "/narvaro/intyg", _("Certificates")),
    ((OFFICE,), "/boka/planering", _("Planning")),
    ((OFFICE, Role.FUNDER, Role.EVALUATOR), "/uppfoljning", _("Follow-up")),
    ((OFFICE,), "/boka/kurser", _("Courses")),
    ((OFFICE,), "/boka/utbildningsledare", _("Trainers")),
    ((OFFICE,), "/boka/kommuner", _("Municipalities")),
    ((OFFICE,), "/boka/installningar", _("Settings")),
    (BOTH, "/boka/utskick", _("Mails")),
    ((OFFICE,), "/boka/logg", _("Log")),
    (BOTH, "/boka/anmalningar", _("Registrations")),
    (BOTH, "/boka/personal", _("Staff")),
    (BOTH, "/narvaro/placeringar", _("Placements")),
    ((MUNICIPALITY,), "/boka/behov", _("Needs")),
)
"""For whom, where to, and what it is called. A new one stands where it is used most."""

ROLES: Final = {
    Role.COORDINATOR: _("Project office"),
    Role.OPERATOR: _("Operations"),
    Role.FUNDER: _("Funder"),
    Role.EVALUATOR: _("Evaluator"),
    Role.MUNICIPALITY: _("Municipality"),
    Role.TRAINER: _("Trainer"),
}
VISITORS: Final = (("/", _("Home")), ("/kurser", _("Courses")))


def items(role: Role | None) -> list[tuple[str, str]]:
    """The links of a role, as address and text."""
    if role is None:
        return list(VISITORS)
    return [(address, text) for roles, address, text in LINKS if role in roles]
