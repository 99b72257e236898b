"""What the calls of the competence mapping take and return."""

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import AfterValidator, BeforeValidator, Field

from shared.web.bodies import ANSWER, Body
from shared.web.fields import FIRST_YEAR, LAST_YEAR, Line
from shared.web.sentences import wrong

Year = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR)]
Level = Literal["surplus", "sustainable", "vulnerable", "shortage"]
SWEDISH: dict[str, Level] = {
    "överskott": "surplus",
    "hållbar": "sustainable",
    "hållbart": "sustainable",
    "sårbar": "vulnerable",
    "sårbart": "vulnerable",
    "brist": "shortage",
}


class CellBody(Body):
    """How an organisation stands with an occupation."""

    organisation: Line
    occupation: Line
    level: Level
    comment: Line | None = None

    @property
    def place(self) -> tuple[str, str]:
        return self.organisation, self.occupation


class PlaceBody(Body):
    """Which cell of a year's matrix."""

    organisation: Line
    occupation: Line


def _understood(level: Any) -> Any:
    """A level as a sheet writes it."""
    word = level.strip().lower() if isinstance(level, str) else level
    return SWEDISH.get(word, word) if isinstance(word, str) else word


class SheetCellBody(CellBody):
    """A cell as a row of a file, whose level may be in Swedish."""

    level: Annotated[Level, BeforeValidator(_understood)]


def _each_once(cells: list[CellBody]) -> list[CellBody]:
    if len({cell.place for cell in cells}) != len(cells):
        raise wrong(
            "repeated",
            "Varje yrke får stå en gång för en organisation.",
            "Each occupation may stand only once for an organisation.",
        )
    return cells


class CompetenceBody(Body):
    """A year's matrix; it takes the place of what was entered before."""

    rows: Annotated[list[CellBody], Field(max_length=10_000), AfterValidator(_each_once)]


class CompetenceShown(CompetenceBody):
    model_config = ANSWER
