"""Packing changes no page, no word and no tag of a document."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import typst
from pypdf import PdfReader

from shared.documents.packing import packed

ROWS = 250
TABLE = f"""
#set document(title: "Närvaro", date: datetime(year: 2026, month: 1, day: 1))
#set text(lang: "sv")
#figure(kind: table, supplement: none, caption: [Närvaro], table(
  columns: 3, table.header[Person][Dag][Tid],
  ..range({ROWS}).map(n => ([Person #n], [2026-01-02], [#n minuter])).flatten(),
))
"""


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    source = tmp_path_factory.mktemp("typst") / "table.typ"
    source.write_text(TABLE, encoding="utf-8")
    pdf = typst.compile(str(source), format="pdf", pdf_standards=["ua-1"], timestamp=0)
    assert isinstance(pdf, bytes)
    return pdf


def tags(element: Any) -> list[Any]:
    """The tags below an element: each with its kind, what it says of itself, and its marks on the page."""
    element = element.get_object()
    if not isinstance(element, dict):
        return [element]
    parts = element.get("/K", [])
    below = [tags(part) for part in (parts if isinstance(parts, list) else [parts])]
    return [element.get("/S"), str(element.get("/A")), element.get("/ID"), below]


def test_it_is_the_same_document(plain: bytes) -> None:
    before, after = PdfReader(BytesIO(plain)), PdfReader(BytesIO(packed(plain)), strict=True)
    assert after.metadata == before.metadata
    assert after.trailer["/ID"] == before.trailer["/ID"]
    assert [page.extract_text() for page in after.pages] == [page.extract_text() for page in before.pages]
    roots: list[Any] = [reader.trailer["/Root"] for reader in (before, after)]
    of_plain, of_packed = (tags(root["/StructTreeRoot"]) for root in roots)
    assert of_packed == of_plain
    assert str(of_plain).count("/TD") == 3 * ROWS


def test_it_is_far_smaller_and_the_same_each_time(plain: bytes) -> None:
    assert len(packed(plain)) < len(plain) / 4
    assert packed(plain) == packed(plain)


@pytest.mark.parametrize("other", [b"", b"%PDF-1.7\n", Path(__file__).read_bytes()])
def test_what_typst_has_not_written_is_refused(other: bytes) -> None:
    with pytest.raises(ValueError, match="no table"):
        packed(other)
