"""Reporting's composition root."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from services.reporting import consumers
from services.reporting.activities import http as activities_http
from services.reporting.activities import pages as activities_pages
from services.reporting.cofinancing_pages import pages as cofinancing_pages
from services.reporting.competence import http as competence_http
from services.reporting.competence import pages as competence_pages
from services.reporting.competence import upload_pages as competence_uploads
from services.reporting.coverage import http as coverage_http
from services.reporting.coverage import pages as coverage_pages
from services.reporting.drill import http as drill_http
from services.reporting.drill import pages as drill_pages
from services.reporting.economy import http as economy_http
from services.reporting.economy import pages as economy_pages
from services.reporting.economy import upload_pages as economy_uploads
from services.reporting.figure_pages import pages as figure_pages
from services.reporting.figures import http as figures_http
from services.reporting.figures import pages as figures_pages
from services.reporting.figures.project import frame
from services.reporting.goal_pages import pages as goal_pages
from services.reporting.goals import http as goals_http
from services.reporting.home import pages as home_pages
from services.reporting.indicators import http as indicators_http
from services.reporting.indicators import pages as indicators_pages
from services.reporting.live import http as live_http
from services.reporting.live.feed import Feed
from services.reporting.log_pages import pages as log_pages
from services.reporting.order_pages import pages as order_pages
from services.reporting.report_pages import pages as report_pages
from services.reporting.reports import http as reports_http
from services.reporting.reports.build_report import report_kind
from services.reporting.retention import forget_old
from services.reporting.scenarios import http as scenarios_http
from services.reporting.scenarios import pages as scenarios_pages
from services.reporting.schedules import http as schedules_http
from services.reporting.schedules import pages as schedules_pages
from services.reporting.schedules.deliver import Deliveries
from services.reporting.schedules.run import run_due
from services.reporting.settings import ReportingSettings
from services.reporting.statistics_file import http as statistics_file_http
from services.reporting.survey_results import pages as survey_result_pages
from services.reporting.unmatched import http as unmatched_http
from services.reporting.unmatched import pages as unmatched_pages
from shared.audit import http as audit_http
from shared.imports.reader import FileReader
from shared.jobs.recurring import Every
from shared.jobs.worker import recurring
from shared.mail.sending import Postbox
from shared.security.cipher import Cipher
from shared.service import Ports, Service, build_service
from shared.uploads.run import file_job
from shared.web.pages.rendering import Site
from shared.workshop import Workshop

NOUNS = (
    figures_http,
    drill_http,
    live_http,
    unmatched_http,
    reports_http,
    statistics_file_http,
    schedules_http,
    economy_http,
    scenarios_http,
    indicators_http,
    goals_http,
    competence_http,
    coverage_http,
    activities_http,
    audit_http,
)
PAGES = (
    figure_pages,
    cofinancing_pages,
    drill_pages,
    unmatched_pages,
    order_pages,
    report_pages,
    schedules_pages,
    economy_uploads,
    economy_pages,
    scenarios_pages,
    indicators_pages,
    goal_pages,
    competence_uploads,
    competence_pages,
    coverage_pages,
    activities_pages,
    figures_pages,
    home_pages,
    survey_result_pages,
    log_pages,
)


def create(settings: ReportingSettings | None = None, ports: Ports | None = None) -> Service:
    """The service. `ports` are given by tests only."""
    settings = settings or ReportingSettings()
    workshop, files, postbox = Workshop(), FileReader(), Postbox.from_settings(settings, None)
    # Files wait for their columns encrypted with what seals the cookies of whoever sends them.
    cipher = Cipher.from_setting(settings.session_keys) if settings.session_keys else None
    service = build_service(
        "reporting",
        settings,
        database_url=settings.database_url,
        title="kursnav reporting",
        routers=[nouns.router for nouns in (*NOUNS, *PAGES)],
        consumers=[consumers.FACTS],
        jobs=[
            report_kind(workshop, Deliveries(postbox, settings.site).finished),
            recurring("run-schedules", Every(timedelta(seconds=30)), run_due),
            recurring("forget-audit", Every(timedelta(hours=1)), forget_old),
            *postbox.kinds,
            file_job(competence_uploads.COMPETENCE, competence_uploads.carry_out, cipher, files),
            file_job(economy_uploads.ECONOMY, economy_uploads.carry_out, cipher, files),
        ],
        resources=[workshop.running, files.running, Feed().running],
        ports=ports,
        encrypts_people=False,  # reporting is blind to names
        site=Site(Path(__file__).parent, frame),
    )
    service.app.state.workshop, service.app.state.upload_cipher = workshop, cipher
    return service
