"""The published contracts as files: JSON Schemas of the events, the AsyncAPI document, the OpenAPI document of each
service.

`python -m infra.contracts` writes them, `--check` fails when the code and the files differ. An event's shape changes
only with
a version (`shared.contracts.export` sees to that); HTTP and AsyncAPI documents are compared whole, so that every
change of the contract is seen in a diff.
"""

import argparse
import base64
import json
import os
import sys
from pathlib import Path
from typing import Any

from infra.serve import create
from infra.settings import SERVICES
from shared.contracts import asyncapi, export

FOLDER = Path(__file__).parents[1] / "docs" / "contracts"
KEY = "document:" + base64.b64encode(bytes(32)).decode()
# Nothing is connected to: a document depends on the code alone, so it is the same on every machine.
PLACEHOLDERS = {
    "KURSNAV_ENVIRONMENT": "development",
    "BOOKING_VAULT_KEYS": KEY,
    "KURSNAV_PEOPLE_KEYS": KEY,
    **{f"{name.upper()}_DATABASE_URL": "postgresql://document" for name in SERVICES},
}


def documents() -> dict[str, dict[str, Any]]:
    """Every generated document by its file name."""
    os.environ.update(PLACEHOLDERS)
    openapi = {f"openapi-{name}.json": create(name).app.openapi() for name in SERVICES}
    return {"asyncapi.json": asyncapi.document(), **openapi}


def text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def problems(folder: Path = FOLDER) -> list[str]:
    """What differs, each with what to do."""
    found = export.problems(folder / "schemas")
    for name, document in documents().items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text(document):
            found.append(f"{name} is not what the code serves: run `make contracts`, read the diff, commit it")
    return found


def write(folder: Path = FOLDER) -> None:
    export.write(folder / "schemas")
    for name, document in documents().items():
        (folder / name).write_text(text(document), encoding="utf-8")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true", help="write nothing; fail when code and files differ")
    if not arguments.parse_args().check:
        write()
    found = problems()
    sys.stderr.writelines(f"{line}\n" for line in found)
    if not found:
        sys.stdout.write(f"events, AsyncAPI and OpenAPI agree with {FOLDER}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
