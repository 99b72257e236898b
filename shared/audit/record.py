"""Writing the audit: every write leaves a row, in its own transaction, with what it changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import insert

from shared.audit.tables import AuditEntry
from shared.database.unit_of_work import Unit

CONTACT = frozenset({"given_name", "family_name", "trainer_name", "email", "phone", "manager_email"})
"""Fields of a person whose values stay out of the audit, so that erasing a person need not rewrite it."""
HIDDEN = "(contact data)"

State = Mapping[str, Any]


@dataclass(frozen=True)
class Act:
    """What was done to one row. `before` and `after` are the row's fields; only those that differ are kept."""

    action: str
    target: str
    before: State | None = None
    after: State | None = None


async def record(unit: Unit, action: str, target: str, before: State | None = None, after: State | None = None) -> None:
    """Records one write, for example `course-changed` of `course/AKUT`."""
    await record_all(unit, [Act(action, target, before, after)])


async def record_all(unit: Unit, acts: Sequence[Act]) -> None:
    """Records many writes in one statement."""
    if acts:
        await unit.execute(insert(AuditEntry), [row_of(unit, act) for act in acts])


def row_of(unit: Unit, act: Act) -> dict[str, Any]:
    """The row of an act, for a use case that writes it together with its own."""
    before, after = differences(act.before, act.after)
    return {
        "id": unit.ids.uuid7(),
        "at": unit.recorded_at,
        "occurred_at": unit.occurred_at,
        "actor": unit.actor,
        "actor_name": unit.caller.name if unit.caller else None,
        "actor_role": unit.role.value if unit.role else "system",
        "action": act.action,
        "target": act.target,
        "before": before,
        "after": after,
    }


def differences(before: State | None, after: State | None) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Both states reduced to the fields in which they differ, contact data hidden."""
    if before is None or after is None:
        return _shown(before), _shown(after)
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return (
        _shown({name: before[name] for name in changed if name in before}),
        _shown({name: after[name] for name in changed if name in after}),
    )


def _shown(state: State | None) -> dict[str, Any] | None:
    if state is None:
        return None
    hidden = {name: HIDDEN for name in CONTACT & state.keys() if state[name] is not None}
    shown: dict[str, Any] = to_jsonable_python({**state, **hidden}, by_alias=True)
    return shown
