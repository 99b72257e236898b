"""Every text that comes in is composed and holds no personal number, and looking for one has its bounds."""

import json
import time

import pytest

from shared.web.problems import Problem
from shared.web.texts import LONG, check_body, composed_body

NUMBER = "19811218-9876"


async def test_a_number_is_named_by_its_pointer() -> None:
    with pytest.raises(Problem) as refused:
        await check_body(json.dumps({"note": ["fine", f"born {NUMBER}"]}).encode(), valid=True)
    assert [(one.pointer, one.code) for one in refused.value.errors] == [("/note/1", "personal-number")]


@pytest.mark.parametrize(
    "number", ["198112189876", "8112189876", "-198112189876", "198112189876.0", "1.98112189876e11"]
)
async def test_a_number_is_found_also_where_it_is_no_text(number: str) -> None:
    """A mark that nobody can read is kept as it came, whatever its fields hold."""
    with pytest.raises(Problem) as refused:
        await check_body(f'{{"marks": [{{"minutes": {number}}}]}}'.encode(), valid=True)
    assert [one.pointer for one in refused.value.errors] == ["/marks/0/minutes"]


@pytest.mark.parametrize("number", ["165", "true", "1e400", "198112189877", pytest.param("9" * 5000, id="long")])
async def test_other_numbers_pass(number: str) -> None:
    await check_body(f'{{"marks": [{{"minutes": {number}}}]}}'.encode(), valid=True)


async def test_a_long_body_that_the_fields_let_through_is_searched() -> None:
    body = json.dumps({"notes": ["x" * 1000] * (LONG // 900), "note": NUMBER}).encode()
    with pytest.raises(Problem):
        await check_body(body, valid=True)


async def test_a_long_body_that_the_fields_refuse_costs_nothing_more() -> None:
    """10 MB of digits took twenty seconds of processor time."""
    body = json.dumps({"note": "1-2 3.4/" * 1_200_000}).encode()
    begun = time.process_time()
    await check_body(composed_body(body), valid=False)
    assert time.process_time() - begun < 0.5


def test_texts_and_names_are_composed() -> None:
    assert json.loads(composed_body(b'{"cafe\\u0301": ["e\\u0301"]}')) == {"caf\u00e9": ["\u00e9"]}
    assert composed_body(b"no json \xc3\xa9") == b"no json \xc3\xa9"
