"""The progress report: everything about a period, for the funder."""

from services.reporting.reports.kinds.kind import Kind
from services.reporting.reports.sections.cofinancing import cofinancing
from services.reporting.reports.sections.delivery import attested_hours, sessions, trainers
from services.reporting.reports.sections.people import participants, participations
from services.reporting.reports.sections.surveys import surveys

SECTIONS = (cofinancing, participants, participations, attested_hours, sessions, surveys, trainers)

KIND = Kind("progress", SECTIONS, with_occasions=True)
