"""Frozen reports. Key: report id. What booking adds names to are these bytes and no others."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from shared.contracts.registry import EventData, Part, event
from shared.contracts.topics import REPORTS
from shared.contracts.types import Position

ReportKind = Literal[
    "progress", "attendance-certificates", "participants", "statistics-file", "municipality", "evaluation", "final"
]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class FileDigests(Part):
    """The SHA-256 of the files that hold rows."""

    json_: Digest = Field(validation_alias="json", serialization_alias="json")
    xlsx: Digest


@event("reports.report-frozen.v1", topic=REPORTS, key="{report_id}")
class ReportFrozen(EventData):
    """A report will not change any more. `hash` is that of its content, `files` of the bytes that are handed out."""

    report_id: UUID
    kind: ReportKind
    period: str
    version: Position
    hash: Digest
    files: FileDigests
