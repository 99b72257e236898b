"""What the topics may carry, and by which names."""

import re
from collections.abc import Iterator
from typing import get_args

import pytest
from pydantic import BaseModel

from shared.contracts.registry import EventData, all_contracts
from shared.contracts.topics import PEOPLE

PUBLISHED = {
    "booking": """session-scheduled session-rescheduled session-capacity-changed session-cancelled trainer-assigned
        trainer-replaced registration-confirmed registration-waitlisted registration-cancelled registration-moved-out
        registration-substituted seats-reserved seats-released share-released""",
    "catalogue": "course-changed package-changed title-changed municipality-changed trainer-changed project-changed",
    "participants": "participant-changed participants-merged",
    "people": "person-changed trainer-contact-changed support-noted",
    "attendance": "attendance-recorded attendance-corrected head-count-recorded roll-attested roll-reopened",
    "signatures": "hours-signed signature-voided erasure-applied",
    "surveys": "survey-sent survey-answered",
    "reports": "report-frozen",
    "signouts": "signed-out",
}
SECOND_MAJOR = {"se.kursnav.people.person-changed.v2"}
PERSONAL_NUMBER = re.compile("personal|identity|pnr|ssn|hint")
PERSONAL = {
    "name",
    "given_name",
    "family_name",
    "email",
    "phone",
    "address",
    "manager_email",
    "needs",
    "language",
    "note",
}
# Names of organisations and of the project, not of people.
NAMES_OF_NO_PERSON = {"MunicipalityChanged.name", "ProjectChanged.name"}


def fields(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """(`Model.field`, field) of a model and of every model inside it."""
    for name, field in model.model_fields.items():
        yield f"{model.__name__}.{name}", name
        for inner in _models(field.annotation):
            yield from fields(inner)


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def test_exactly_the_published_types_exist() -> None:
    expected = {f"se.kursnav.{context}.{what}.v1" for context, names in PUBLISHED.items() for what in names.split()}
    assert {contract.ce_type for contract in all_contracts()} == expected | SECOND_MAJOR


@pytest.mark.parametrize("contract", all_contracts(), ids=lambda contract: contract.__name__)
def test_a_class_is_named_as_its_type_and_lies_on_its_topic(contract: type[EventData]) -> None:
    _, _, context, what, major = contract.ce_type.split(".")
    version = "" if major == "v1" else major.upper()
    assert contract.__name__ == "".join(word.capitalize() for word in what.split("-")) + version
    assert contract.topic.name == f"kursnav.{context}.v1"
    assert contract.__module__ == f"shared.contracts.{context}_{major}"


def test_no_event_has_a_place_for_a_personal_number() -> None:
    places = [place for contract in all_contracts() for place, name in fields(contract) if PERSONAL_NUMBER.search(name)]
    assert places == []


def test_only_the_encrypted_topic_has_a_place_for_names_and_contact_data() -> None:
    open_contracts = [contract for contract in all_contracts() if contract.topic is not PEOPLE]
    places = {place for contract in open_contracts for place, name in fields(contract) if name in PERSONAL}
    assert places == NAMES_OF_NO_PERSON


def test_the_checks_look_inside_nested_values() -> None:
    class Inner(BaseModel):
        family_name: str

    class Outer(EventData):
        people: tuple[Inner, ...] | None = None

    assert ("Inner.family_name", "family_name") in set(fields(Outer))


def test_only_people_is_encrypted() -> None:
    assert {contract.topic.name for contract in all_contracts() if contract.topic.encrypted} == {PEOPLE.name}
