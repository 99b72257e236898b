"""Row-level security: the four settings that policies compare, set in each transaction by the unit of work and
nowhere else.

Policies never cast and never treat "unset" as "all": a pooled connection returns `''` for a setting that an earlier
transaction made. They ask for a setting in a sub-select, which is evaluated once for each statement and table: asked
for each row it cost as much as reading the row, and the planner expected one row in a hundred.
"""

import re
from functools import lru_cache

from shared.security.roles import Scope

APPLY = (
    "SELECT set_config('kursnav.scope', $1, true), set_config('kursnav.municipality', $2, true), "
    "set_config('kursnav.trainer', $3, true), set_config('kursnav.caller', $4, true)"
)
"""The statement that gives the running transaction a scope; its parameters are a scope's fields."""
SPELLED = re.compile(r"[0-9A-Za-z -]*")


def values_of(scope: Scope) -> tuple[str, str, str, str]:
    """The parameters of `APPLY`."""
    return scope.kind, scope.municipality, scope.trainer, scope.caller


@lru_cache(maxsize=1024)
def begin(scope: Scope) -> str | None:
    """What begins a transaction in a scope, in one round trip.

    None when a field is not made of letters, digits, hyphens and spaces alone: only those may stand in a statement's
    text.
    """
    apply = APPLY
    for number, value in enumerate(values_of(scope), start=1):
        if not SPELLED.fullmatch(value):
            return None
        apply = apply.replace(f"${number}", f"'{value}'")
    return f"BEGIN; {apply}"


WHOLE_PROJECT = "(SELECT current_setting('kursnav.scope', true) IN ('system', 'project'))"


def policy(table: str, visible: str) -> list[str]:
    """The statements of a migration that put a table under row-level security, also for its owner.

    `visible` is a condition over the table's columns; it is OR-ed to the scopes that see the whole project.
    """
    condition = f"{WHOLE_PROJECT} OR ({visible})"
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {table}_scope ON {table} USING ({condition}) WITH CHECK ({condition})",
    ]


def own_municipality(column: str = "municipality") -> str:
    """Condition: the row is of the caller's municipality."""
    return (
        "(SELECT current_setting('kursnav.scope', true) = 'municipality') "
        f"AND {column} = (SELECT current_setting('kursnav.municipality', true))"
    )
