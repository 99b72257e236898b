"""The golden events, one per published version, as records of any producer's version."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import shared.contracts
from infra.settings import ROOT
from shared.security.cipher import Cipher
from tests.support.services import PEOPLE_KEYS

FILES = sorted((Path(shared.contracts.__file__).parent / "golden").glob("*.json"))
PUBLISHED = ROOT / "docs" / "contracts" / "schemas"

Message = tuple[bytes, bytes, list[tuple[str, bytes]]]


def read(path: Path) -> dict[str, Any]:
    """One golden file."""
    golden: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return golden


def record_of(path: Path, **changed: str) -> Message:
    """Key, value and headers of the golden event, with the headers `changed`."""
    golden = read(path)
    return message(golden, golden.get("decrypted", golden["value"]), changed)


def of_an_older_producer(path: Path) -> Message:
    """As one wrote it that knew none of the fields that the published schema calls optional."""
    golden = read(path)
    data = golden.get("decrypted", golden["value"])
    required = json.loads((PUBLISHED / path.name).read_text(encoding="utf-8"))["required"]
    return message(golden, {name: value for name, value in data.items() if name in required}, {"ce_id": str(uuid4())})


def of_a_newer_producer(path: Path) -> Message:
    """As one will write it that knows a field more: same type, higher minor version."""
    golden = read(path)
    data = {**golden.get("decrypted", golden["value"]), "came_later": {"anything": [1]}}
    schema = golden["headers"]["ce_dataschema"].rpartition("/")[0] + "/9"
    return message(golden, data, {"ce_id": str(uuid4()), "ce_dataschema": schema})


def message(golden: dict[str, Any], data: dict[str, Any], changed: dict[str, str]) -> Message:
    """A record as the producer would write it, encrypted with the tests' key where the topic is."""
    key = golden["key"].encode()
    value = json.dumps(data).encode()
    if "decrypted" in golden:
        value = Cipher.from_setting(PEOPLE_KEYS).encrypt(value, key).to_json()
    return key, value, [(name, text.encode()) for name, text in {**golden["headers"], **changed}.items()]
