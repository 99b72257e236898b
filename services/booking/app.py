"""The composition root of booking."""

from datetime import timedelta
from pathlib import Path

from starlette.formparsers import MultiPartParser

from services.booking.absences import http as absences
from services.booking.blackouts import http as blackouts
from services.booking.blackouts import pages as blackout_pages
from services.booking.burned_seats import http as burned_seats
from services.booking.burned_seats import pages as burned_seat_pages
from services.booking.catalogue import http as catalogue
from services.booking.catalogue import pages as catalogue_pages
from services.booking.consumers import CONSUMERS
from services.booking.home import pages as home
from services.booking.home.queries import frame
from services.booking.log_pages import pages as log_pages
from services.booking.named_copies import http as named_copies
from services.booking.named_copies import pages as named_copy_pages
from services.booking.notices import http as notices
from services.booking.notices.notify import consumer as notices_consumer
from services.booking.notices.queries import erased
from services.booking.notices.remind import reminding
from services.booking.occurred_at import within_project
from services.booking.participants import http as participants
from services.booking.participants import pages as participant_pages
from services.booking.participants.follow_erasures import end_evidence
from services.booking.plan_pages import pages as plan_pages
from services.booking.planning import http as planning
from services.booking.registration_imports import http as registration_imports
from services.booking.registration_pages import pages as registration_pages
from services.booking.registrations import http as registrations
from services.booking.reservation_pages import pages as reservation_pages
from services.booking.reservations import http as reservations
from services.booking.retention import forget_old
from services.booking.scheduling_pages import pages as scheduling_pages
from services.booking.sessions import http as sessions
from services.booking.sessions import pages as session_pages
from services.booking.settings import BookingSettings
from services.booking.staff import http as staff
from services.booking.staff import pages as staff_pages
from services.booking.staff.vault import Vault
from services.booking.titles import http as titles
from services.booking.titles import pages as title_pages
from services.booking.trainer_pages import pages as trainer_pages
from services.booking.trainers import http as trainers
from services.booking.uploads import pages as upload_pages
from services.booking.uploads.kinds import file_jobs
from services.booking.waiting_list import http as waiting_list
from services.booking.waiting_list import pages as waiting_list_pages
from services.booking.waiting_list.sweep import sweep
from services.booking.walk_ins import http as walk_ins
from services.booking.walk_ins import pages as walk_in_pages
from services.booking.webhooks import collect
from services.booking.webhooks import http as webhooks
from services.booking.webhooks import pages as webhook_pages
from services.booking.webhooks.deliver import Sender as WebhookSender
from shared.audit import http as audit
from shared.imports.reader import FileReader
from shared.jobs import http as jobs
from shared.jobs.recurring import Every
from shared.jobs.worker import recurring
from shared.mail.sending import Postbox
from shared.service import Ports, Service, build_service
from shared.web.pages.rendering import Site
from shared.web.sign_in import pages as sign_in

NOUNS = (
    registrations,
    sessions,
    waiting_list,
    reservations,
    walk_ins,
    burned_seats,
    registration_imports,
    staff,
    participants,
    catalogue,
    titles,
    trainers,
    absences,
    blackouts,
    planning,
    notices,
    webhooks,
    named_copies,
    jobs,
    audit,
)
"""In the order in which their routes are tried: the busiest first."""
PAGES = (
    named_copy_pages,
    home,
    upload_pages,
    scheduling_pages,
    session_pages,
    waiting_list_pages,
    registration_pages,
    reservation_pages,
    walk_in_pages,
    burned_seat_pages,
    blackout_pages,
    staff_pages,
    participant_pages,
    catalogue_pages,
    title_pages,
    trainer_pages,
    plan_pages,
    webhook_pages,
    log_pages,
    sign_in,
)
"""Fixed addresses before those with an id in the same place."""


def create(settings: BookingSettings, ports: Ports | None = None) -> Service:
    """Booking with its calls, consumers and jobs. `ports` are given by tests only.

    Raises CipherError when BOOKING_VAULT_KEYS cannot be used.
    """
    vault = Vault.from_setting(settings.vault_keys)
    postbox = Postbox.from_settings(settings, vault.cipher, erased)
    MultiPartParser.spool_max_size = settings.max_body_bytes  # uploads hold personal numbers: never in a file
    files = FileReader()
    service = build_service(
        "booking",
        settings,
        database_url=settings.database_url,
        title="kursnav booking",
        routers=[nouns.router for nouns in (*NOUNS, *PAGES)],
        consumers=[*CONSUMERS, notices_consumer(postbox, settings.site), collect.CONSUMER],
        jobs=[
            staff.STAFF_IMPORT.kind(vault, files),
            registration_imports.REGISTRATION_IMPORT.kind(vault, files),
            *file_jobs(vault, files),
            recurring("sweep-waiting-lists", Every(timedelta(seconds=30)), sweep),
            recurring("send-reminders", Every(timedelta(seconds=30)), reminding(postbox)),
            recurring("forget-audit", Every(timedelta(hours=1)), forget_old),
            recurring("end-evidence", Every(timedelta(hours=1)), end_evidence),
            *postbox.kinds,
            WebhookSender(vault.cipher, loopback=settings.environment == "development").kind,
        ],
        jobs_cipher=vault.cipher,
        occurred_at_check=within_project,
        ports=ports,
        resources=[files.running],
        site=Site(Path(__file__).parent, frame),
    )
    service.app.state.vault, service.app.state.upload_cipher = vault, vault.cipher
    return service
