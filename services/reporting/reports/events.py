"""What is published of reports."""

from uuid import UUID

from services.reporting.reports.content import sha256
from services.reporting.reports.freeze import Frozen
from shared.contracts.reports_v1 import ReportFrozen


def frozen_report(report: Frozen) -> ReportFrozen:
    """A report is frozen, with the digests of the files that hold rows."""
    order = report.content.order
    return ReportFrozen.model_validate(
        {
            "report_id": UUID(order.id),
            "kind": order.kind,
            "period": order.period,
            "version": order.version,
            "hash": report.content.hash,
            "files": {name: sha256(report.files[name]) for name in ("json", "xlsx")},
        }
    )
