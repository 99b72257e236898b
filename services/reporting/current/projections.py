"""From facts to current state, in SQL: each projection is a few inserts that take the facts of its types.

The same inserts take a batch in its own transaction, and all facts of some time in the past at once.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from shared.contracts.registry import FACT_ONLY, EventData

TIME: Final = r"CAST(regexp_replace({}, '(\.\d{{6}})\d+', '\1') AS timestamptz)"  # PostgreSQL rounds what is finer
WHAT: Final = "split_part(fact.type, '.', 4)"
"""What happened: `registration-confirmed` of `se.kursnav.booking.registration-confirmed.v1`."""


def latest(table: str, key: Mapping[str, str], values: Mapping[str, str], *, each: str = "", where: str = "") -> str:
    """Keeps for each key what the highest sequence says: columns by the expressions over `fact` that they come from."""
    columns = {**key, "sequence": "fact.sequence", "event_id": "fact.event_id", **values}
    newer = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    return f"""
        INSERT INTO {{at}}.{table} AS known ({", ".join(columns)})
        SELECT DISTINCT ON ({", ".join(key.values())}) {", ".join(columns.values())}
          FROM {{facts}} AS fact {each} WHERE {{taken}} {where}
         ORDER BY {", ".join(key.values())}, fact.sequence DESC, fact.event_id DESC
            ON CONFLICT ({", ".join(key)}) DO UPDATE SET {newer}
         WHERE (known.sequence, known.event_id) < (excluded.sequence, excluded.event_id)"""


def every(table: str, values: Mapping[str, str], *, each: str = "", where: str = "") -> str:
    """Keeps what each event says, beside all others."""
    columns = {"event_id": "fact.event_id", **values}
    return f"""
        INSERT INTO {{at}}.{table} ({", ".join(columns)}) SELECT {", ".join(columns.values())}
          FROM {{facts}} AS fact {each} WHERE {{taken}} {where}"""


def text(name: str, of: str = "fact.data") -> str:
    return f"{of} ->> '{name}'"


def a(kind: str, name: str, of: str = "fact.data") -> str:
    """A field of the event as a value of this PostgreSQL type."""
    return f"CAST({of} ->> '{name}' AS {kind})"


def numbered(name: str) -> str:
    """The parts of a list of the event: `part`, and its `number` from 1."""
    return f"CROSS JOIN LATERAL jsonb_array_elements(fact.data -> '{name}') WITH ORDINALITY AS one (part, number)"


_SESSION: Final = {"session_id": "CAST(fact.key AS uuid)"}
_PERSON: Final = {"participant_id": "CAST(fact.key AS uuid)"}
_STARTS_AT: Final = TIME.format("part ->> 'starts_at'")

PROJECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "session": (
        latest(
            "sessions",
            _SESSION,
            {
                "course": text("course"),
                "host_municipality": text("host_municipality"),
                "capacity": a("integer", "capacity"),
                "cancelled": f"{text('state')} = 'cancelled' OR {WHAT} = 'session-cancelled'",
            },
        ),
        latest(
            "occasions",
            _SESSION | {"occasion_id": a("uuid", "occasion_id", "part")},
            {
                "starts_at": _STARTS_AT,
                "ends_at": TIME.format("part ->> 'ends_at'"),
                "break_minutes": a("integer", "break_minutes", "part"),
                "day": f"CAST({_STARTS_AT} AT TIME ZONE 'Europe/Stockholm' AS date)",
            },
            each=numbered("occasions"),
        ),
        latest("cancellations", _SESSION, {"cause": text("cause")}, where="AND fact.data ? 'cause'"),
    ),
    "registration": (
        every(
            "registration_steps",
            _SESSION
            | {name: a("uuid", name) for name in ("registration_id", "participant_id", "employment_id")}
            | {
                "sequence": "fact.sequence",
                "municipality": text("municipality"),
                "at": "fact.occurred_at",
                "status": f"substr({WHAT}, length('registration-') + 1)",
                "via": text("via"),
                "was": text("was"),
                "late": f"coalesce({a('boolean', 'late')}, false)",
            },
        ),
    ),
    "roll": (
        latest(
            "rolls",
            _SESSION,
            {
                "attested": f"{WHAT} = 'roll-attested'",
                "roll_version": a("integer", "roll_version"),
                "sealed_hash": text("sealed_hash"),
            },
        ),
        every(
            "roll_lines",
            _SESSION
            | {"number": "number"}
            | {name: a("uuid", name, "part") for name in ("participant_id", "occasion_id")}
            | {"minutes": a("integer", "minutes", "part"), "excused": a("boolean", "excused", "part")},
            each=numbered("minutes"),
        ),
    ),
    "mark": (
        latest(
            "marks",
            _SESSION | {name: a("uuid", name) for name in ("participant_id", "occasion_id")},
            {"minutes": a("integer", "minutes")},
        ),
    ),
    "head-count": (
        latest("head_counts", _SESSION | {"occasion_id": a("uuid", "occasion_id")}, {"count": a("integer", "count")}),
    ),
    "signature": (
        latest("signatures", _PERSON | {"month": text("month")}, {"signed": f"{WHAT} = 'hours-signed'"}),
        every(
            "signed_lines",
            _PERSON
            | {"number": "number", "month": text("month")}
            | {name: a("uuid", name, "part") for name in ("session_id", "occasion_id")}
            | {"minutes": a("integer", "minutes", "part")},
            each=numbered("items"),
        ),
    ),
    "invitation": (
        every("invitations", _SESSION | {"audience": text("audience"), "invited": a("integer", "invited")}),
    ),
    "answer": (every("answers", _SESSION | {"audience": text("audience"), "answers": "fact.data -> 'answers'"}),),
    "person": (
        # A tombstone ends the evidence, not the figures: the reduced attributes stay.
        latest(
            "persons",
            _PERSON,
            {"gender": text("gender"), "birth_year": a("integer", "birth_year"), "age_group": text("age_group")},
            where="AND fact.data IS NOT NULL",
        ),
        every(
            "employments",
            {"number": "number", "employment_id": a("uuid", "employment_id", "part")}
            | {name: text(name, "part") for name in ("municipality", "title", "category", "kind")}
            | {name: a("date", name, "part") for name in ("valid_from", "valid_to")},
            each=numbered("employments"),
        ),
    ),
    "merge": (latest("merges", _PERSON, {"became": a("uuid", "into")}),),
    "catalogue": (latest("catalogue", {"natural_key": "fact.natural_key"}, {"data": "fact.data"}),),
}
"""The inserts of each projection over `{at}` (where the tables are), `{facts}` (what is taken) and `{taken}`."""

NEWEST: Final = """
    INSERT INTO {at}.newest AS known (topic, partition, recorded_at)
    SELECT topic, partition, max(recorded_at) FROM {facts} AS fact GROUP BY topic, partition ORDER BY topic, partition
        ON CONFLICT (topic, partition) DO UPDATE SET recorded_at = excluded.recorded_at
     WHERE known.recorded_at < excluded.recorded_at"""


class Undeclared(Exception):
    """An event type that reporting reads does not say what it is about, or which state it changes."""


def types_of(contracts: Iterable[type[EventData]]) -> Mapping[str, list[str]]:
    """The event types that each projection takes. Raises Undeclared."""
    taken: dict[str, list[str]] = {name: [] for name in PROJECTIONS}
    for contract in contracts:
        if not contract.about or contract.projection not in {*PROJECTIONS, FACT_ONLY}:
            known = ", ".join(f'"{name}"' for name in PROJECTIONS)
            raise Undeclared(
                f"{contract.ce_type}: declare about= (its natural key) and projection= (FACT_ONLY or one of {known}) "
                "beside its contract"
            )
        if contract.projection in taken:
            taken[contract.projection].append(contract.ce_type)
    return taken


def statements(types: Mapping[str, list[str]], at: str, facts: str) -> list[str]:
    """The inserts that make the current state at a schema from facts of these types; they do not depend on each
    other."""
    inserts = [
        insert.replace("{taken}", f"fact.type IN ({', '.join(map(repr, taken))})")
        for name, taken in types.items()
        for insert in PROJECTIONS[name]
    ]
    return [insert.replace("{at}", at).replace("{facts}", facts) for insert in (*inserts, NEWEST)]
