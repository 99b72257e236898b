"""The municipality report: what one employer's people did, and what it has of its promise. For that employer too."""

from services.reporting.reports.kinds.kind import Kind
from services.reporting.reports.sections.cofinancing import cofinancing
from services.reporting.reports.sections.delivery import attested_hours, sessions
from services.reporting.reports.sections.people import participants, participations
from shared.security.roles import Role

KIND = Kind(
    "municipality",
    (cofinancing, participants, participations, attested_hours, sessions),
    readers=frozenset({Role.FUNDER, Role.MUNICIPALITY}),
    of_one_municipality=True,
    with_occasions=True,
)
