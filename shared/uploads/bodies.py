"""What the pages of uploads take."""

from typing import Annotated

from pydantic import Field

from shared.imports.table import MAX_COLUMNS
from shared.web.bodies import Body
from shared.web.fields import Line


class ColumnsBody(Body):
    """Which field each column of the file is, in the file's order; nothing for one that is not read."""

    columns: Annotated[list[Line | None], Field(max_length=MAX_COLUMNS)]
