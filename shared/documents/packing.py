"""A PDF with its small objects in compressed streams (ISO 32000-1, 7.5.7 and 7.5.8): the same document, far smaller.

Typst compresses what is drawn and writes the tags beside it in plain text, an object each: of a list of a thousand
people they are nine tenths of the file. What is read here is what Typst writes: one body and one table of its objects.
"""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

TOGETHER: Final = 200
"""Objects of one stream: a reader unpacks all of them to get at one."""
_TABLE: Final = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")
_HEAD: Final = re.compile(rb"\d+ 0 obj")
_SIZE: Final = re.compile(rb"/Size \d+")
_IN_USE: Final = b"n"
_AT, _PACKED = 1, 2  # kinds of entries of the new table: at an offset, or in a stream

Entry = tuple[int, int, int]


def packed(pdf: bytes) -> bytes:
    """The same document. Raises ValueError for one that Typst has not written."""
    found = _TABLE.search(pdf)
    table, _, trailer = pdf[int(found[1]) :].partition(b"trailer") if found else (b"", b"", b"")
    if found is None or not table.startswith(b"xref"):
        raise ValueError("the PDF has no table of its objects at its end")
    objects = dict(_objects(pdf, table, int(found[1])))
    small = {number: text for number, text in objects.items() if not text.endswith(b"endstream")}
    written, entries = bytearray(_HEAD.split(pdf, 1)[0]), dict[int, Entry]()
    for number in sorted(objects.keys() - small.keys()):
        _add(written, entries, number, objects[number])
    following = max(objects) + 1
    for number, stream in enumerate(_streams(small, entries, following), start=following):
        _add(written, entries, number, stream)
    return bytes(written) + _end(len(written), entries, trailer.partition(b"startxref")[0].strip())


def _objects(pdf: bytes, table: bytes, end: int) -> Iterator[tuple[int, bytes]]:
    """Each object's number and what stands between its head and its end."""
    lines = table.splitlines()[2:]
    begins = sorted((int(line[:10]), number) for number, line in enumerate(lines) if line[17:18] == _IN_USE)
    ends = [*(begin for begin, _ in begins[1:]), end]
    for (begin, number), until in zip(begins, ends, strict=True):
        yield number, pdf[begin:until].partition(b" obj")[2].rpartition(b"endobj")[0].strip()


def _streams(small: Mapping[int, bytes], entries: dict[int, Entry], first: int) -> Iterator[bytes]:
    numbers = sorted(small)
    for stream, begin in enumerate(range(0, len(numbers), TOGETHER), start=first):
        together = numbers[begin : begin + TOGETHER]
        entries.update((number, (_PACKED, stream, index)) for index, number in enumerate(together))
        yield _stream_of(together, [small[number] for number in together])


def _stream_of(numbers: Sequence[int], texts: Sequence[bytes]) -> bytes:
    """A stream of objects: first each one's number and place, then they themselves."""
    places, place = list[str](), 0
    for number, text in zip(numbers, texts, strict=True):
        places.append(f"{number} {place}")
        place += len(text) + 1
    head = " ".join(places).encode() + b"\n"
    return _stream(f"/Type/ObjStm/N {len(texts)}/First {len(head)}", head + b"\n".join(texts))


def _stream(keys: str, content: bytes) -> bytes:
    content = zlib.compress(content, 9)
    return f"<<{keys}/Length {len(content)}/Filter/FlateDecode>>\nstream\n".encode() + content + b"\nendstream"


def _add(written: bytearray, entries: dict[int, Entry], number: int, text: bytes) -> None:
    entries[number] = (_AT, len(written), 0)
    written += b"%d 0 obj\n%b\nendobj\n\n" % (number, text)


def _end(offset: int, entries: Mapping[int, Entry], trailer: bytes) -> bytes:
    """The new table, itself a stream, and where it is."""
    number = max(entries) + 1
    known = {0: (0, 0, 65_535), **entries, number: (_AT, offset, 0)}
    rows = b"".join(
        kind.to_bytes(1, "big") + where.to_bytes(4, "big") + which.to_bytes(2, "big")
        for kind, where, which in (known.get(one, known[0]) for one in range(number + 1))
    )
    others = _SIZE.sub(b"", trailer.removeprefix(b"<<").removesuffix(b">>")).decode("latin-1")
    table = _stream(f"/Type/XRef/Size {number + 1}/W[1 4 2]{others}", rows)
    return b"%d 0 obj\n%b\nendobj\n\nstartxref\n%d\n%%%%EOF" % (number, table, offset)
