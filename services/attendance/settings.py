"""Attendance's settings."""

from shared.settings import ServiceSettings, variable


class AttendanceSettings(ServiceSettings):
    """Configuration of the attendance service from the environment."""

    database_url: str = variable(
        "ATTENDANCE_DATABASE_URL", "PostgreSQL as the role attendance_app, which owns nothing."
    )
