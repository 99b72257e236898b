"""The attendance service, put together."""

from datetime import timedelta
from pathlib import Path

from services.attendance.attestation import http as attestation
from services.attendance.catalogue.queries import frame
from services.attendance.cells.held import count_held
from services.attendance.certificates import http as certificates
from services.attendance.certificates import pages as certificate_pages
from services.attendance.check_in import http as check_in
from services.attendance.check_in import pages as check_in_pages
from services.attendance.conflicts import http as conflicts
from services.attendance.conflicts import pages as conflict_pages
from services.attendance.consumers import CONSUMERS
from services.attendance.head_counts import http as head_counts
from services.attendance.home import pages as home
from services.attendance.links import http as links
from services.attendance.links import pages as link_pages
from services.attendance.links import send
from services.attendance.marks import http as marks
from services.attendance.notices.compose import Mailing
from services.attendance.own_page import ask_to_sign
from services.attendance.own_page import http as own_page
from services.attendance.own_page import pages as own_pages
from services.attendance.phone import http as phone
from services.attendance.phone import pages as phone_pages
from services.attendance.placements import http as placements
from services.attendance.placements import pages as placement_pages
from services.attendance.retention import forget_old
from services.attendance.roll_pages import pages as roll_pages
from services.attendance.rolls import http as rolls
from services.attendance.seal_pages import pages as seal_pages
from services.attendance.settings import AttendanceSettings
from services.attendance.signatures import http as signatures
from services.attendance.signatures import pages as signature_pages
from services.attendance.surveys import http as surveys
from services.attendance.surveys import pages as survey_pages
from services.attendance.surveys.jobs import survey_jobs
from services.attendance.walk_ins import http as walk_ins
from services.attendance.walk_ins import pages as walk_in_pages
from shared.jobs.recurring import Every
from shared.jobs.worker import recurring
from shared.mail.sending import Postbox
from shared.service import Ports, Service, build_service, people_cipher
from shared.web.pages.rendering import Site
from shared.workshop import Workshop

NOUNS = (
    phone,
    marks,
    rolls,
    conflicts,
    attestation,
    head_counts,
    surveys,
    links,
    check_in,
    placements,
    own_page,
    signatures,
    certificates,
    walk_ins,
)
"""In the order in which their routes are tried: the busiest first."""
PAGES = (
    home,
    phone_pages,
    roll_pages,
    seal_pages,
    walk_in_pages,
    conflict_pages,
    check_in_pages,
    survey_pages,
    placement_pages,
    own_pages,
    certificate_pages,
    signature_pages,
    link_pages,
)
"""Fixed addresses before those with an id in the same place."""


def create(settings: AttendanceSettings, ports: Ports | None = None) -> Service:
    """The service from its settings; `ports` are given by tests only."""
    cipher = people_cipher("attendance", settings)
    postbox = Postbox.from_settings(settings, cipher)
    workshop = Workshop()
    mailing = Mailing(postbox, settings.site)
    service = build_service(
        "attendance",
        settings,
        database_url=settings.database_url,
        title="kursnav attendance",
        routers=[nouns.router for nouns in (*NOUNS, *PAGES)],
        consumers=[*CONSUMERS, send.CONSUMER],
        held=count_held,
        jobs=[
            recurring("forget-links", Every(timedelta(hours=1)), forget_old),
            *(*send.jobs(mailing), ask_to_sign.job(mailing), *survey_jobs(mailing), *postbox.kinds),
        ],
        jobs_cipher=cipher,
        ports=ports,
        resources=[workshop.running],
        site=Site(Path(__file__).parent, frame),
    )
    service.app.state.mailing, service.app.state.workshop = mailing, workshop
    return service
