"""What the forms of reports hold."""

from __future__ import annotations

from pydantic import Field

from services.reporting.reports.bodies import Heading, Markdown, ReportBody, ReportShown
from shared.web.bodies import Body


class RestateBody(Body):
    """The texts of a new version."""

    texts: dict[Heading, Markdown] = Field(default_factory=dict, max_length=20)

    def order_after(self, old: ReportShown) -> ReportBody:
        """The order of the version that supersedes a report."""
        return ReportBody(
            kind=old.kind,
            period=old.period,
            municipality=old.municipality,
            language=old.language,
            texts=self.texts,
            supersedes=old.id,
        )
