"""Reporting's configuration."""

from pydantic import Field

from shared.settings import ServiceSettings


class ReportingSettings(ServiceSettings):
    """Environment variables of the reporting service."""

    database_url: str = Field(
        default="",
        validation_alias="REPORTING_DATABASE_URL",
        description="The reporting database as the role that owns nothing.",
    )
    owner_database_url: str = Field(
        default="",
        validation_alias="REPORTING_OWNER_DATABASE_URL",
        description="The same as its owner; used by `kursnav migrate` only.",
    )
