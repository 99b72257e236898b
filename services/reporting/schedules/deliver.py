"""Handing over what a schedule had made: a mail with a link, in the transaction that ends the building."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, text

from services.reporting.figures.asking import counting
from services.reporting.figures.project import frame, project_period
from services.reporting.reports.periods import period_of
from services.reporting.reports.sections.reading import period_words
from services.reporting.reports.words import Words
from shared.database.unit_of_work import Unit
from shared.mail.message import Mail, Part
from shared.mail.rendering import Reader, mail_to
from shared.mail.sending import Postbox

PAGE: Final = "/uppfoljning/rapporter"
USEFUL_FOR: Final = timedelta(days=30)
WAITING = text(
    """
    UPDATE schedule_deliveries AS d SET state = CASE r.state WHEN 'frozen' THEN 'mailed' ELSE 'failed' END,
           reason = r.reason, at = :at
      FROM reports AS r, schedules AS s
     WHERE d.report_id = :report AND d.state = 'building' AND r.id = d.report_id AND s.id = d.schedule_id
    RETURNING d.schedule_id, d.period, d.state, s.to, r.id, r.kind, r.version, r.language, r.hash
    """
)
TEXTS: Mapping[str, Mapping[str, str]] = {
    "sv": {
        "lead": "Rapporten är färdig och fryst. Läs och hämta den med länken; du behöver logga in.",
        "report": "Rapport",
        "hash": "Kontrollsumma (SHA-256)",
        "closing": "Projektkontoret har bestämt att du får den här rapporten när varje period är slut.",
    },
    "en": {
        "lead": "The report is finished and frozen. Read and download it by the link; you need to sign in.",
        "report": "Report",
        "hash": "Hash (SHA-256)",
        "closing": "The project office has decided that you get this report at the end of each period.",
    },
}


@dataclass(frozen=True)
class Deliveries:
    """Mails what is finished."""

    postbox: Postbox
    site: str

    async def finished(self, unit: Unit, report_id: UUID) -> None:
        """The report is frozen, or will never be: whoever waits for it by a schedule gets it, or the office sees why
        not.
        """
        async with unit.as_system():
            row = await unit.one_or_none(WAITING, {"report": report_id, "at": unit.recorded_at})
            if row is not None and row["state"] == "mailed":
                await self.postbox.post(unit, await self._mails(unit, row))

    async def _mails(self, unit: Unit, row: RowMapping) -> list[Mail]:
        words, said = Words(row["language"]), TEXTS[row["language"]]
        period = period_of(row["period"], await project_period(unit, await counting(unit)))
        title = f"{words('kind.' + row['kind'])} {period_words(period, words)}"
        facts = ((said["report"], [f"{self.site}{PAGE}/{row['id']}"]), (said["hash"], [row["hash"]]))
        heading = f"{title} – {(await frame(unit)).project}"
        part = Part(row["language"], heading, (said["lead"],), facts, said["closing"])
        return [
            mail_to(
                Reader(address, "office", row["language"]),
                [part],
                key=f"reporting/delivery/{row['id']}/{number}",
                kind="report-delivered",
                useful_until=unit.recorded_at + USEFUL_FOR,
            )
            for number, address in enumerate(row["to"])
        ]
