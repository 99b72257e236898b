"""What a fact is about decides which of several counts."""

import json
from pathlib import Path

import pytest

from services.reporting.current.projections import Undeclared, types_of
from services.reporting.facts.natural_key import natural_key
from services.reporting.facts.versions import TOPICS
from shared import contracts
from shared.contracts.registry import FACT_ONLY, EventData, all_contracts

GOLDEN = Path(contracts.__path__[0]) / "golden"

STANDING_FOR_THEMSELVES = {
    "trainer-assigned",
    "trainer-replaced",
    "seats-reserved",
    "seats-released",
    "share-released",
    "erasure-applied",
    "survey-sent",
    "survey-answered",
}
TAKEN = [contract for contract in all_contracts() if contract.topic in TOPICS]


def happening(contract: type[EventData]) -> str:
    return contract.ce_type.split(".")[-2]


@pytest.mark.parametrize("contract", TAKEN, ids=lambda contract: contract.ce_type)
def test_every_published_type_has_a_natural_key_on_purpose(contract: type[EventData]) -> None:
    [golden] = GOLDEN.glob(f"{contract.ce_type}.{contract.minor}.json")
    record = json.loads(golden.read_text(encoding="utf-8"))
    key = natural_key(contract.ce_type, record["key"], "event", record["value"])
    assert (key == f"{happening(contract)}/event") == (happening(contract) in STANDING_FOR_THEMSELVES)


def test_a_type_that_says_nothing_of_itself_is_refused_at_the_start() -> None:
    """`facts.record` asks when it is imported: a service that would drop what it cannot place does not start."""

    def declared(about: str | None, projection: str | None) -> type[EventData]:
        said = {"about": about, "projection": projection, "ce_type": "se.kursnav.booking.new.v1"}
        return type("New", (EventData,), said)

    with pytest.raises(Undeclared, match=r"booking\.new\.v1: declare about= .* and projection= .*\"session\""):
        types_of([*TAKEN, declared(None, None)])
    for half in (declared("new/{event_id}", None), declared(None, FACT_ONLY)):
        with pytest.raises(Undeclared):
            types_of([half])
    assert types_of([declared("new/{event_id}", "session")])["session"] == ["se.kursnav.booking.new.v1"]


def test_all_events_of_a_registration_are_about_the_same_thing() -> None:
    data = {"registration_id": "r", "participant_id": "p"}
    names = ("confirmed", "waitlisted", "cancelled", "moved-out", "substituted")
    keys = {natural_key(f"se.kursnav.booking.registration-{name}.v1", "s", "e", data) for name in names}
    assert keys == {"registration/s/r"}


def test_a_correction_is_about_the_mark_that_it_corrects() -> None:
    data = {"participant_id": "p", "occasion_id": "o"}
    names = ("attendance-recorded", "attendance-corrected")
    assert {natural_key(f"se.kursnav.attendance.{name}.v1", "s", "e", data) for name in names} == {"mark/s/p/o"}


def test_each_answer_is_a_thing_of_its_own() -> None:
    keys = {natural_key("se.kursnav.surveys.survey-answered.v1", "s", event, {}) for event in ("a", "b")}
    assert keys == {"survey-answered/a", "survey-answered/b"}


def test_a_tombstone_is_about_its_key() -> None:
    assert natural_key("se.kursnav.catalogue.trainer-changed.v1", "trainer/t", "e", None) == "trainer/t"
    assert natural_key("se.kursnav.participants.participant-changed.v1", "p", "e", None) == "participant/p"
