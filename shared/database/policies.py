"""Policies of before, made anew so that they ask for the settings once for each statement (see `scope`)."""

import re
from collections.abc import Callable
from typing import Protocol

from sqlalchemy import Connection, text

# Conditions as PostgreSQL writes them out again.
SETTING = r"current_setting\('kursnav\.(?:scope|municipality|trainer)'::text, true\)"
COMPARED = rf"\({SETTING} = (?:ANY \(ARRAY\[[^]]*\]\)|'\w+'::text)\)"
NOT_ASKED_ONCE = r"(?<!SELECT )(?<!SELECT \()"
ASKED_ONCE = rf"\( SELECT ({COMPARED}|{SETTING})(?: AS current_setting)?\)"
ALL = text(
    """
    SELECT format('%I ON %I.%I', policyname, schemaname, tablename) AS policy, qual, with_check
      FROM pg_policies WHERE concat(qual, with_check) ~ 'kursnav\\.(scope|municipality|trainer)'
     ORDER BY schemaname, tablename, policyname
    """
)


class Bound(Protocol):
    """`alembic.op` in a script."""

    def get_bind(self) -> Connection: ...


def ask_once(op: Bound) -> None:
    """Lets every policy ask for the settings once for each statement."""
    _rewrite(op, once)


def ask_for_each_row(op: Bound) -> None:
    """As it was before."""
    _rewrite(op, for_each_row)


def once(condition: str) -> str:
    """The condition with every setting, and every comparison of one with constants, in a sub-select."""
    for asked in (COMPARED, SETTING):
        condition = re.sub(NOT_ASKED_ONCE + asked, r"(SELECT \g<0>)", condition)
    return condition


def for_each_row(condition: str) -> str:
    """The condition without those sub-selects."""
    return re.sub(ASKED_ONCE, r"\1", condition)


def _rewrite(op: Bound, written: Callable[[str], str]) -> None:
    connection = op.get_bind()
    for row in connection.execute(ALL).mappings().all():
        parts = [
            f"{part} ({written(row[column])})"
            for part, column in (("USING", "qual"), ("WITH CHECK", "with_check"))
            if row[column] is not None
        ]
        connection.exec_driver_sql(f"ALTER POLICY {row['policy']} {' '.join(parts)}")
