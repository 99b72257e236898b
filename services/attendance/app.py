"""The attendance service, put together."""

from services.attendance.attestation.http import router as attestation
from services.attendance.cells.held import count_held
from services.attendance.conflicts.http import router as conflicts
from services.attendance.consumers import CONSUMERS
from services.attendance.head_counts.http import router as head_counts
from services.attendance.links import http as links
from services.attendance.links import send
from services.attendance.marks.http import router as marks
from services.attendance.notices.compose import Mailing
from services.attendance.rolls.http import router as rolls
from services.attendance.settings import AttendanceSettings
from services.attendance.surveys.http import router as surveys
from shared.mail.sending import Postbox
from shared.service import Ports, Service, build_service, people_cipher


def create(settings: AttendanceSettings, ports: Ports | None = None) -> Service:
    """The service from its settings; `ports` are given by tests only."""
    cipher = people_cipher("attendance", settings)
    postbox = Postbox.from_settings(settings, cipher)
    mailing = Mailing(postbox, settings.site)
    service = build_service(
        "attendance",
        settings,
        database_url=settings.database_url,
        title="kursnav attendance",
        routers=[rolls, marks, conflicts, attestation, head_counts, surveys, links.router],
        consumers=[*CONSUMERS, send.CONSUMER],
        held=count_held,
        jobs=[send.job(mailing), *postbox.kinds],
        jobs_cipher=cipher,
        ports=ports,
    )
    service.app.state.mailing = mailing
    return service
