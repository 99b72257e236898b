"""What booking learns from reporting: the digests of the files that names may be added to."""

from sqlalchemy.dialects.postgresql import insert

from services.booking.named_copies.tables import FrozenFile
from shared.contracts.reports_v1 import ReportFrozen
from shared.contracts.topics import REPORTS
from shared.database.unit_of_work import Unit
from shared.messaging.delivery import Consumer, Event, each


async def take_frozen_report(unit: Unit, event: Event) -> None:
    """Notes the files of a report."""
    report = event.data
    assert isinstance(report, ReportFrozen)
    named = {"report_id": report.report_id, "kind": report.kind, "period": report.period, "version": report.version}
    rows = [{"sha256": digest, **named} for digest in (report.files.json_, report.files.xlsx)]
    await unit.execute(insert(FrozenFile).values(rows).on_conflict_do_nothing())


CONSUMER = Consumer("booking-reports", (REPORTS,), each({ReportFrozen: take_frozen_report}))
