"""Reporting's configuration."""

from pydantic import Field

from shared.settings import ServiceSettings


class ReportingSettings(ServiceSettings):
    """Environment variables of the reporting service."""

    database_url: str = Field(
        default="",
        validation_alias="REPORTING_DATABASE_URL",
        description="PostgreSQL as the role reporting_app, which owns nothing.",
    )
