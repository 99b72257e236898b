"""What is published is what the code serves: a change of HTTP, AsyncAPI or an event's shape shows in a file's diff,
or fails.
"""

import json
from pathlib import Path
from shutil import copytree

import infra.contracts as contracts


def test_the_files_are_what_the_code_serves() -> None:
    assert contracts.problems() == []


def test_a_changed_document_is_seen(tmp_path: Path) -> None:
    folder = Path(copytree(contracts.FOLDER, tmp_path / "contracts"))
    assert contracts.problems(folder) == []
    booking = folder / "openapi-booking.json"
    booking.write_text(booking.read_text("utf-8").replace("/v1/courses", "/v1/kurser"), "utf-8")
    assert contracts.problems(folder) == [
        "openapi-booking.json is not what the code serves: run `make contracts`, read the diff, commit it"
    ]


def test_every_answer_says_what_it_holds() -> None:
    silent = [
        f"{method} {path} {status}"
        for document in sorted(contracts.FOLDER.glob("openapi-*.json"))
        for path, methods in json.loads(document.read_text("utf-8"))["paths"].items()
        for method, operation in methods.items()
        for status, answer in operation["responses"].items()
        if status[0] == "2" and status != "204" and not answer.get("content")
    ]
    assert silent == []


def test_every_json_answer_says_its_shape() -> None:
    """A client is generated from it: JSON is neither a file of bytes nor anything at all."""
    shapeless = [
        f"{document.name} {method} {path}"
        for document in sorted(contracts.FOLDER.glob("openapi-*.json"))
        for path, methods in json.loads(document.read_text("utf-8"))["paths"].items()
        for method, operation in methods.items()
        for answer in operation["responses"].values()
        for shape in [answer.get("content", {}).get("application/json", {"schema": {"$ref": ""}}).get("schema", {})]
        if shape.get("type") == "string" or not {"$ref", "anyOf", "type"} & set(shape)
    ]
    assert shapeless == []
