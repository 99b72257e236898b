"""Every version that was ever published stays readable."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

import shared.contracts
from shared.contracts import topics
from shared.contracts.envelope import BadRecord, decode
from shared.contracts.export import FOLDER as SCHEMAS
from shared.contracts.export import file_name, problems, same_shape, shape, write
from shared.contracts.registry import EventData, all_contracts, by_type
from shared.security.cipher import Cipher

GOLDEN = Path(shared.contracts.__file__).parent / "golden"
FILES = sorted(GOLDEN.glob("*.json"))
CIPHER = Cipher({"golden": bytes(range(32))}, active="golden")
TOPICS = {topic.name: topic for topic in topics.ALL}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_published_event_is_decoded(path: Path) -> None:
    golden = json.loads(path.read_text(encoding="utf-8"))
    headers = [(name, text.encode()) for name, text in golden["headers"].items()]
    value = json.dumps(golden["value"]).encode()

    envelope, data = decode(TOPICS[golden["topic"]], golden["key"].encode(), value, headers, CIPHER)

    assert f"{envelope.type}.{envelope.dataschema.rpartition('/')[2] if envelope.dataschema else ''}" == path.stem
    assert data is not None
    published = golden.get("decrypted", golden["value"])
    assert published.items() <= json.loads(data.model_dump_json(exclude_none=True)).items(), "a field was lost"


class TestEveryType:
    """What readers of another version, or of a faulty program, meet."""

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_a_field_that_came_later_is_ignored(self, path: Path) -> None:
        assert read(path, {**plain(path), "came_later": {"anything": [1]}}) == read(path, plain(path))

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_a_missing_field_is_refused_by_name_unless_it_is_optional(self, path: Path) -> None:
        contract = type(read(path, plain(path)))
        required = {
            field.serialization_alias or name for name, field in contract.model_fields.items() if field.is_required()
        }
        for name in plain(path):
            without = {other: value for other, value in plain(path).items() if other != name}
            if name in required:
                with pytest.raises(BadRecord, match=rf"wrong-schema.*\b{name}\b"):
                    read(path, without)
            else:
                read(path, without)

    @pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
    def test_a_value_of_another_kind_is_refused_by_name(self, path: Path) -> None:
        for name in plain(path):
            with pytest.raises(BadRecord, match=rf"wrong-schema.*\b{name}\b"):
                read(path, {**plain(path), name: [[{}]]})


def plain(path: Path) -> dict[str, Any]:
    """The data of a golden event, decrypted."""
    golden: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    data: dict[str, Any] = golden.get("decrypted", golden["value"])
    return data


def read(path: Path, data: dict[str, Any]) -> EventData:
    """The golden event with other data. Raises BadRecord."""
    golden = json.loads(path.read_text(encoding="utf-8"))
    topic, key = TOPICS[golden["topic"]], golden["key"].encode()
    headers = [(name, text.encode()) for name, text in golden["headers"].items()]
    value = json.dumps(data).encode()
    decoded = decode(topic, key, CIPHER.encrypt(value, key).to_json() if topic.encrypted else value, headers, CIPHER)[1]
    assert decoded is not None
    return decoded


@pytest.mark.parametrize("contract", all_contracts(), ids=lambda contract: contract.ce_type)
def test_every_version_has_a_golden_file(contract: type[EventData]) -> None:
    expected = {file_name(contract, minor) for minor in range(contract.minor + 1)}
    assert expected <= {path.name for path in FILES}


def test_no_golden_file_is_of_a_forgotten_type() -> None:
    assert all(by_type(path.stem.rpartition(".")[0]) for path in FILES)


def test_a_golden_file_shows_every_field_of_its_newest_version() -> None:
    for contract in all_contracts():
        golden = json.loads((GOLDEN / file_name(contract)).read_text(encoding="utf-8"))
        shown = set(golden.get("decrypted", golden["value"]))
        unknown_together = {"erased", "age_group"} if contract.__name__ == "ParticipantChanged" else set[str]()
        names = {field.serialization_alias or name for name, field in contract.model_fields.items()}
        assert names - unknown_together == shown, contract.ce_type


def test_the_published_schemas_agree_with_the_code() -> None:
    assert problems() == []


class TestTheSchemaCheck:
    """It must notice what it exists for."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return Path(copytree(SCHEMAS, tmp_path / "schemas"))

    def change(self, folder: Path, contract: type[EventData], change: dict[str, Any]) -> None:
        path = folder / file_name(contract)
        path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")

    def test_a_changed_shape_without_a_version_is_named(self, folder: Path) -> None:
        contract = all_contracts()[0]
        self.change(folder, contract, {"required": ["something_else"]})
        [problem] = problems(folder)
        assert contract.ce_type in problem
        assert "raise `minor`" in problem

    def test_a_changed_shape_is_not_overwritten_by_export(self, folder: Path) -> None:
        contract = all_contracts()[0]
        self.change(folder, contract, {"required": ["something_else"]})
        assert write(folder) == []
        assert not same_shape(folder / file_name(contract), contract)

    def test_other_words_for_readers_are_no_change(self, folder: Path) -> None:
        self.change(folder, all_contracts()[0], {"description": "said better"})
        assert problems(folder) == []

    def test_a_published_type_that_vanished_is_named(self, folder: Path) -> None:
        (folder / "se.kursnav.booking.lunch-served.v1.0.json").write_text("{}", encoding="utf-8")
        assert "lunch-served" in problems(folder)[0]

    def test_a_new_version_without_schema_is_named(self, folder: Path) -> None:
        (folder / file_name(all_contracts()[0])).unlink()
        assert "is missing" in problems(folder)[0]

    def test_a_field_called_description_is_part_of_the_shape(self) -> None:
        assert shape({"properties": {"description": {"type": "string", "description": "words"}}}) == {
            "properties": {"description": {"type": "string"}}
        }
