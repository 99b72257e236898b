"""Persons as reporting may know them: attributes without names. Compacted, with the whole history of employments."""

from typing import Literal
from uuid import UUID

from shared.contracts.registry import EventData, Part, event
from shared.contracts.topics import PARTICIPANTS
from shared.contracts.types import Category, Day, MunicipalityCode, Number

Gender = Literal["woman", "man", "non_binary", "unknown"]
AgeGroup = Literal["under_18", "18_29", "30_54", "55_plus", "unknown"]
EmploymentKind = Literal["employed", "placement"]


class Employment(Part):
    """Who employed the person as what, from `valid_from` to `valid_to`, both inclusive."""

    employment_id: UUID
    municipality: MunicipalityCode
    employer_org_number: str | None = None
    title: str
    category: Category
    kind: EmploymentKind
    valid_from: Day
    valid_to: Day | None = None


@event(
    "participants.participant-changed.v1",
    topic=PARTICIPANTS,
    key="{participant_id}",
    about="participant/{key}",
    projection="person",
)
class ParticipantChanged(EventData):
    """A person. When `erased`, `age_group` stands for `birth_year` and employments lack the organisation number."""

    participant_id: UUID
    gender: Gender
    birth_year: Number | None = None
    employments: tuple[Employment, ...]
    erased: bool | None = None
    age_group: AgeGroup | None = None


@event(
    "participants.participants-merged.v1",
    topic=PARTICIPANTS,
    key="{participant_id}",
    about="merge/{key}",
    projection="merge",
)
class ParticipantsMerged(EventData):
    """Two participants were found to be one person: whoever read `participant_id` reads `into` from now on.

    Nothing follows under this key. `participant-changed` of `into` carries the employments of both.
    """

    participant_id: UUID
    into: UUID
