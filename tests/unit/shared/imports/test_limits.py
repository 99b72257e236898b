"""Files of some kilobytes that would exhaust a machine: what they cost is bounded, and somebody is told."""

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from shared.imports.reader import MEMORY_BYTES, FileReader
from shared.imports.reading import Expected, read_table
from shared.web.problems import Problem
from shared.workshop import Workshop
from tests.support.workbooks import cell, written_by_hand

pytestmark = pytest.mark.asyncio(loop_scope="module")

MEGABYTE = 1_000_000
IDLE = 120 * MEGABYTE  # what the process takes before it reads anything
FULL_SIZE = '<dimension ref="A1:XFD1048576"/>'


def rows_to_the_last_column(style: str) -> bytes:
    rows = "".join(
        f'<row r="{number}">{cell(f"A{number}", "x")}<c r="XFD{number}" {style}</row>' for number in range(1, 50_001)
    )
    return written_by_hand(rows)


def one_long_string_in_every_row() -> bytes:
    rows = "".join(f'<row r="{number}"><c r="A{number}" t="s"><v>0</v></c></row>' for number in range(1, 50_001))
    return written_by_hand(rows, strings="<si><t>" + "x" * 30_000 + "</t></si>")


def entities_of_entities() -> bytes:
    tens = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY e0 "eeeeeeeeee">{tens}]>'
    return written_by_hand(f'<row r="1">{cell("A1", "&e9;")}</row>', doctype=doctype)


EVIL: dict[str, tuple[Callable[[], bytes], int, int]] = {
    # name: the file, its greatest size, the status (0: it is read)
    "the declared size is the greatest": (
        lambda: written_by_hand(f'<row r="1">{cell("A1", "a")}</row>', before=FULL_SIZE),
        5_000,
        0,
    ),
    "50,000 rows to the last column": (lambda: rows_to_the_last_column('t="str"><v>x</v></c>'), 500_000, 413),
    "50,000 rows formatted to the last column": (lambda: rows_to_the_last_column('s="0"/>'), 500_000, 413),
    "51 MB of shared strings": (
        lambda: written_by_hand(
            f'<row r="1">{cell("A1", "a")}</row>', strings="<si><t>" + "x" * 51 * MEGABYTE + "</t></si>"
        ),
        160_000,
        413,
    ),
    "one string of 30,000 letters in 50,000 rows": (one_long_string_in_every_row, 300_000, 413),
    "entities of entities": (entities_of_entities, 5_000, 415),
    "201 MB in one sheet": (lambda: written_by_hand(" " * 201 * MEGABYTE), 300_000, 413),
    "150 MB of blanks in one sheet": (lambda: written_by_hand(" " * 150 * MEGABYTE), 180_000, 422),
    "a row two thousand million rows down": (
        lambda: written_by_hand(
            f'<row r="1">{cell("A1", "a")}</row><row r="2000000000">{cell("A2000000000", "x")}</row>'
        ),
        5_000,
        413,
    ),
    "9 MB of newlines": (lambda: b"\n" * 9 * MEGABYTE, 9 * MEGABYTE, 413),
    "9 MB of separators": (lambda: b"a\n" + b"," * 9 * MEGABYTE, 9 * MEGABYTE + 2, 0),
    "20,000 columns": (lambda: ",".join(f"c{number}" for number in range(20_000)).encode(), 130_000, 413),
    "5 million cells": (lambda: b"a,b\n" + (b"1," * 199 + b"1\n") * 24_000, 9_600_004, 413),
    "a quotation mark without an end": (lambda: b'a,b\n"' + b"x" * 9 * MEGABYTE, 9 * MEGABYTE + 5, 422),
}


def read_and_weigh(content: bytes) -> tuple[int, int]:
    """The status of the refusal (0: none), and the greatest size of this process so far, in bytes."""
    try:
        read_table(content, Expected())
        status = 0
    except Problem as problem:
        status = problem.status
    [greatest] = re.findall(r"VmHWM:\s+([0-9]+) kB", Path("/proc/self/status").read_text())
    return status, int(greatest) * 1024


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workshop() -> AsyncIterator[Workshop]:
    workshop = Workshop(memory_bytes=MEMORY_BYTES, seconds=150)
    yield workshop
    workshop.close()


@pytest.mark.parametrize("name", EVIL)
async def test_an_evil_file_is_answered_within_the_memory(workshop: Workshop, name: str) -> None:
    make, size, expected = EVIL[name]
    content = make()
    assert len(content) <= size
    status, greatest = await workshop.run(read_and_weigh, content)
    assert status == expected
    assert greatest < IDLE + MEMORY_BYTES


async def test_a_file_beyond_the_memory_is_refused_and_the_next_one_read() -> None:
    reader = FileReader(memory_bytes=100 * MEGABYTE)
    with pytest.raises(Problem) as refused:
        await reader.table(written_by_hand(" " * 150 * MEGABYTE), Expected())
    assert (refused.value.status, refused.value.name) == (413, "file-too-large")
    assert len((await reader.table(b"a\n1\n", Expected())).rows) == 1
    reader.close()


async def test_a_file_that_takes_too_long_is_refused_and_its_process_ended() -> None:
    reader = FileReader(seconds=0.01)
    with pytest.raises(Problem) as refused:
        await reader.table(b"a\n" + b"x\n" * 50_000, Expected())
    assert (refused.value.status, refused.value.name) == (413, "file-too-large")
    reader.close()
