"""What the forms of reports hold."""

from __future__ import annotations

from pydantic import Field

from services.reporting.reports.bodies import Heading, Markdown, ReportBody, ReportShown
from shared.web.bodies import Body


class Texts(Body):
    """The office's own words: under known headings, and under one that it writes itself."""

    texts: dict[Heading, Markdown] = Field(default_factory=dict, max_length=20)
    own_heading: Heading | None = None
    own_text: Markdown | None = None

    def written(self) -> dict[str, str]:
        own = {self.own_heading: self.own_text} if self.own_heading and self.own_text else {}
        return self.texts | own


class OrderBody(ReportBody, Texts):
    """An order, as the last of its pages sends it."""

    def order(self) -> ReportBody:
        fields = self.model_dump(include=set(ReportBody.model_fields))
        return ReportBody.model_validate(fields | {"texts": self.written()})


class RestateBody(Texts):
    """The texts of a new version."""

    def order_after(self, old: ReportShown) -> ReportBody:
        """The order of the version that supersedes a report."""
        return ReportBody(
            kind=old.kind,
            period=old.period,
            municipality=old.municipality,
            language=old.language,
            texts=self.written(),
            supersedes=old.id,
        )
