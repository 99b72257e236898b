"""The words of reports: `words.toml` in the language of the report."""

import tomllib
from functools import cache
from pathlib import Path

Texts = dict[str, dict[str, dict[str, str]]]


@cache
def texts() -> Texts:
    """Section (`words`, `units`) → key → language → text."""
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


class Words:
    """The words of one language: `words("total")`, with values filled in by name."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: str | int) -> str:
        return texts()["words"][key][self.language].format(**values)

    def has(self, key: str) -> bool:
        return key in texts()["words"]

    def named(self, group: str, code: str) -> str:
        """The word for a code of a closed list, or the code itself when it is newer than this list."""
        key = f"{group}.{code}"
        return self(key) if self.has(key) else code

    def unit(self, unit: str) -> str:
        return texts()["units"][unit][self.language]
