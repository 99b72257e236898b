"""Attendance's settings."""

from pydantic import Field

from shared.settings import ServiceSettings


class AttendanceSettings(ServiceSettings):
    """Configuration of the attendance service from the environment."""

    database_url: str = Field(
        default="",
        validation_alias="ATTENDANCE_DATABASE_URL",
        description="PostgreSQL as the role attendance_app, which owns nothing.",
    )
