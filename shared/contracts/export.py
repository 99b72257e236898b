"""Write the JSON Schema of every event type, or check that no shape changed without a version.

`python -m shared.contracts.export [--check]`
"""

import argparse
import json
import sys
from pathlib import Path

from pydantic import JsonValue

from shared.contracts.registry import EventData, all_contracts

FOLDER = Path(__file__).parents[2] / "docs" / "contracts" / "schemas"


def file_name(contract: type[EventData], minor: int | None = None) -> str:
    """`<ce_type>.<minor>.json`, one file for each published version."""
    return f"{contract.ce_type}.{contract.minor if minor is None else minor}.json"


def schema_text(contract: type[EventData]) -> str:
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": contract.dataschema,
        **contract.model_json_schema(),
    }
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def shape(schema: JsonValue) -> JsonValue:
    """The schema without the texts for human readers: what a version promises."""
    if isinstance(schema, list):
        return [shape(part) for part in schema]
    if isinstance(schema, dict):
        texts = {name for name in ("title", "description") if isinstance(schema.get(name), str)}
        return {name: shape(part) for name, part in schema.items() if name not in texts}
    return schema


def same_shape(path: Path, contract: type[EventData]) -> bool:
    """Whether the published file promises the same as the code."""
    return shape(json.loads(path.read_text(encoding="utf-8"))) == shape(json.loads(schema_text(contract)))


def problems(folder: Path = FOLDER) -> list[str]:
    """What differs between the code and the published schemas, each with what to do."""
    found: list[str] = []
    known: set[str] = set()
    for contract in all_contracts():
        known |= {file_name(contract, minor) for minor in range(contract.minor + 1)}
        path = folder / file_name(contract)
        if not path.exists():
            found.append(f"{path.name} is missing: run `python -m shared.contracts.export` and add a golden file")
        elif not same_shape(path, contract):
            found.append(
                f"{contract.__name__} ({contract.ce_type}) changed its shape without a version: raise `minor` if old "
                "readers still understand it, else publish a new major beside it; then export again"
            )
    published = {path.name for path in folder.glob("*.json")}
    found += [
        f"{name} was published and is not declared any more: old events must stay readable"
        for name in sorted(published - known)
    ]
    found += [
        f"{name} was published and its file is gone: restore it"
        for name in sorted(known - published)
        if not any(line.startswith(name) for line in found)
    ]
    return found


def write(folder: Path = FOLDER) -> list[str]:
    """Write the schema of every new version and return what was written; of published ones only texts may change."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[str] = []
    for contract in all_contracts():
        path = folder / file_name(contract)
        text = schema_text(contract)
        if not path.exists() or (path.read_text(encoding="utf-8") != text and same_shape(path, contract)):
            path.write_text(text, encoding="utf-8")
            written.append(path.name)
    return written


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="write nothing; fail when code and schemas differ")
    if not arguments.parse_args().check:
        sys.stdout.writelines(f"wrote {name}\n" for name in write())
    found = problems()
    if found:
        sys.stderr.write("\n".join(found) + "\n")
    else:
        sys.stdout.write(f"{len(all_contracts())} event types agree with {FOLDER}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
