"""Reporting's configuration."""

from shared.settings import ServiceSettings, variable


class ReportingSettings(ServiceSettings):
    """Environment variables of the reporting service."""

    database_url: str = variable("REPORTING_DATABASE_URL", "PostgreSQL as the role reporting_app, which owns nothing.")
