"""The attendance service, put together."""

from services.attendance.attestation.http import router as attestation
from services.attendance.cells.held import count_held
from services.attendance.conflicts.http import router as conflicts
from services.attendance.consumers import CONSUMERS
from services.attendance.head_counts.http import router as head_counts
from services.attendance.marks.http import router as marks
from services.attendance.rolls.http import router as rolls
from services.attendance.settings import AttendanceSettings
from services.attendance.surveys.http import router as surveys
from shared.service import Ports, Service, build_service


def create(settings: AttendanceSettings, ports: Ports | None = None) -> Service:
    """The service from its settings; `ports` are given by tests only."""
    return build_service(
        "attendance",
        settings,
        database_url=settings.database_url,
        title="kursnav attendance",
        routers=[rolls, marks, conflicts, attestation, head_counts, surveys],
        consumers=CONSUMERS,
        held=count_held,
        ports=ports,
    )
