"""A document from a Typst template and its data: tagged, PDF/UA-1, and the same bytes for the same content."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import typst

from shared.documents.packing import packed
from shared.documents.typeface import FAMILIES, displayable, font_folders

_ROOT: Final = Path(__file__).parents[2]
"""What templates may import begins here: `/shared/documents/parts.typ`."""


def typeset(template: Path, data: Mapping[str, Any], created: datetime) -> bytes:
    """The PDF. Only the locked fonts are used, and `created` is its time.

    Characters that the fonts do not have show as a square. No text of `data` is ever read as Typst code.
    """
    named = {part: getattr(created, part) for part in ("year", "month", "day", "hour", "minute", "second")}
    given = displayable({**data, "fonts": FAMILIES, "created": named})
    pdf = typst.compile(
        str(template),
        root=str(_ROOT),
        font_paths=font_folders(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(given, ensure_ascii=False)},
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=int(created.timestamp()),
    )
    assert isinstance(pdf, bytes)
    return packed(pdf)
