"""README's chapter "What is guaranteed", as far as a program reads it: the promises, and the tests named for each."""

import re
from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
CHAPTER = "## What is guaranteed\n"
NEXT = "\n## "
ROW = re.compile(r"^\| (?!Promise|---)(?P<promise>.+?) \| (?P<proof>.+) \|$", re.MULTILINE)
TEST_FILE = re.compile(r"`(?P<path>[\w/]+\.py)`")


@dataclass(frozen=True)
class Promise:
    """One row of the table: what is promised, and the files that prove it."""

    text: str
    proofs: tuple[str, ...]


def chapter(readme: Path) -> str:
    """The text of the chapter."""
    return readme.read_text(encoding="utf-8").partition(CHAPTER)[2].partition(NEXT)[0]


def promises(text: str) -> list[Promise]:
    """The rows of the chapter's table."""
    return [Promise(row["promise"], _files(row["proof"])) for row in ROW.finditer(text)]


def _files(proof: str) -> tuple[str, ...]:
    """The files that a row names; a bare name stands beside the file before it."""
    files: list[str] = []
    for name in TEST_FILE.findall(proof):
        files.append(name if "/" in name else str(Path(files[-1]).with_name(name)))
    return tuple(files)
