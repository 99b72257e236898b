"""Whatever the envelope lets pass becomes a fact, and every figure is made of all facts: one that cannot be read would
stop them all. So each leaf of every golden event is replaced by the oddest values that JSON has.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.reporting.days import Period
from services.reporting.facts.record import columns_of
from services.reporting.facts.versions import TOPICS
from services.reporting.recompute.cofinancing import cofinancing, latest_day
from services.reporting.recompute.figures import figures
from shared.contracts.envelope import BadRecord, decode
from shared.contracts.registry import by_type
from shared.messaging.delivery import Record, event_of
from tests.support.assemble import StoredFact, assemble
from tests.support.current import CurrentState
from tests.support.golden import FILES, read

ALWAYS = Period(date(1900, 1, 1), date(2999, 12, 31))
TODAY = date(2026, 1, 1)
TEXTS = ("", "a\x00b", "\x1b[31m", "x" * 3000, "0001-01-01", "9999-12-31", "1735689600", "20250101", "-62135596800")
TIMES = (
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:30:00Z",
    "9999-12-31T23:59:59-14:00",
    "2025-01-01t09:00:00z",
    "2025-01-01T09:00:00\N{MINUS SIGN}01:00",
    "2025-01-01T09:00:00.123456789Z",
    "2025-01-01 09:00:00Z",
    "2025-01-01T09:00Z",
)
NUMBERS = (-1, 0, 2**31, 2**63, 10**30, 10**400, 1.5)
ROUNDINGS = ({"unit_minutes": 0}, {"unit_minutes": "15"}, {"unit_minutes": 15, "mode": "half_down"})
OTHERS: tuple[Any, ...] = (None, True, [], {}, "half_down", *ROUNDINGS)


def becomes_a_fact(path: Path) -> bool:
    contract = by_type(read(path)["headers"]["ce_type"])
    return contract is not None and contract.topic in TOPICS


FACTS = [path for path in FILES if becomes_a_fact(path)]


def leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every value and every list stands."""
    yield place
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inside:
        yield from leaves(part, (*place, name))


def replaced(value: Any, place: tuple[Any, ...], odd: Any) -> Any:
    if not place:
        return odd
    copy = value.copy()
    copy[place[0]] = replaced(value[place[0]], place[1:], odd)
    return copy


def fact_of(golden: dict[str, Any], data: Any, sequence: int = 1) -> StoredFact:
    """The fact that an event becomes. Raises BadRecord for what becomes a dead letter."""
    contract = by_type(golden["headers"]["ce_type"])
    assert contract is not None
    key = golden["key"]
    if contract.key_format and isinstance(data, dict):
        key = contract.key_format.format_map({**golden["value"], **data})
    value = json.dumps(data).encode()
    headers = {**golden["headers"], "ce_id": str(uuid4()), "ce_sequence": str(sequence)}
    raw = tuple((name, text.encode()) for name, text in headers.items())
    envelope, decoded = decode(contract.topic, key.encode(), value, raw)
    event = event_of(envelope, decoded, Record(contract.topic.name, 0, sequence, key.encode(), value, raw))
    row = {name: column[0] for name, column in columns_of([event]).items()}
    kept = json.loads(row["data"])
    times = row["occurred_at"], row["recorded_at"]
    return StoredFact(str(row["event_id"]), row["type"], row["key"], row["natural_key"], sequence, *times, kept)


def read_everything(facts: list[StoredFact]) -> None:
    """Makes every figure of these facts."""
    assembled = assemble(facts)
    figures(assembled, ALWAYS)
    cofinancing(assembled, latest_day(assembled, TODAY))


def test_the_golden_events_are_read_as_they_are() -> None:
    read_everything([fact_of(read(path), read(path)["value"]) for path in FACTS])


@pytest.mark.parametrize("path", FACTS, ids=lambda path: path.stem)
def test_no_value_of_an_event_stops_the_figures(path: Path) -> None:
    golden, others = read(path), [fact_of(read(other), read(other)["value"]) for other in FACTS]
    accepted = 0
    for place in leaves({**golden["value"], "came_later": 1}):
        for odd in (*TEXTS, *TIMES, *NUMBERS, *OTHERS):
            data = replaced({**golden["value"], "came_later": 1}, place, odd)
            try:
                fact = fact_of(golden, data, sequence=2)
            except BadRecord:
                continue
            accepted += 1
            read_everything([*others, fact])
    assert accepted, "else nothing was tried"


@pytest.mark.parametrize("path", FACTS, ids=lambda path: path.stem)
def test_no_value_of_an_event_stops_the_current_state(current: CurrentState, path: Path) -> None:
    """All of them in one transaction, each newer than the one before, and the last the one that counts."""
    golden = read(path)
    facts = [(read(other)["topic"], fact_of(read(other), read(other)["value"])) for other in FACTS]
    for place in leaves({**golden["value"], "came_later": 1}):
        for odd in (*TEXTS, *TIMES, *NUMBERS, *OTHERS):
            data = replaced({**golden["value"], "came_later": 1}, place, odd)
            try:
                facts.append((golden["topic"], fact_of(golden, data, sequence=len(facts))))
            except BadRecord:
                continue
    current.tell([])
    current.add_facts([one for one in facts if "\\u0000" not in json.dumps(one[1].data)])  # a dead letter: no jsonb
    current.figures(ALWAYS.first, ALWAYS.last)
    current.cofinancing(None, TODAY)
    current.unmatched()
    current.facts(ALWAYS)
