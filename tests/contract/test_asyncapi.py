"""The AsyncAPI document is valid by the specification's own schema, and says of every type what the code encodes."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from shared.contracts import asyncapi, topics
from shared.contracts.registry import all_contracts

SCHEMA = Path(__file__).parent / "asyncapi-3.0.0" / "schema.json"


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    return Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_the_document_is_valid(validator: Draft7Validator) -> None:
    assert [error.message for error in validator.iter_errors(asyncapi.document())] == []


def test_the_validator_sees_a_broken_document(validator: Draft7Validator) -> None:
    broken = copy.deepcopy(asyncapi.document())
    broken["operations"]["booking.publish.kursnav.booking.v1"]["action"] = "shout"
    assert not validator.is_valid(broken)


def test_every_reference_leads_somewhere() -> None:
    document = asyncapi.document()
    for reference in _references(document):
        place: Any = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in place, f"{reference} leads nowhere"
            place = place[part]


def test_every_topic_and_type_is_published() -> None:
    document = asyncapi.document()
    assert set(document["channels"]) == {topic.name for topic in topics.ALL}
    assert set(document["components"]["messages"]) == {contract.ce_type for contract in all_contracts()}


def test_an_encrypted_topic_shows_the_box_and_not_the_names() -> None:
    message = asyncapi.document()["components"]["messages"]["se.kursnav.people.person-changed.v1"]
    assert message["payload"] == {"$ref": "#/components/schemas/EncryptedBox"}


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    if isinstance(node, list):
        return [found for value in node for found in _references(value)]
    return []
