"""Trainers on the last day of the period. They are the project's: no municipality and no course narrows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.reporting.figures.basis import counts

SQL: Final = f"""
    qualification AS MATERIALIZED (
        SELECT DISTINCT natural_key, one ->> 'code' AS code
          FROM {{at}}.catalogue CROSS JOIN jsonb_array_elements(data -> 'qualifications') AS one
         WHERE natural_key LIKE 'trainer/%' AND CAST(one ->> 'obtained_on' AS date) <= {{last}}
    ),
    trainers AS (
        SELECT jsonb_build_object(
            'qualified', {counts("code", "qualification")},
            'starting_later', count(*) FILTER (WHERE CAST(data ->> 'active_from' AS date) > {{last}}),
            'left', count(*) FILTER (WHERE CAST(data ->> 'active_to' AS date) <= {{last}})) AS found
          FROM {{at}}.catalogue WHERE natural_key IN (SELECT natural_key FROM qualification)
    )"""


def trainers(found: Mapping[str, Any]) -> dict[str, Any]:
    """Qualified = obtained by that day, active or not; of these, who start later and who have left."""
    return {
        "qualified": dict(sorted(found["qualified"].items())),
        "starting_later": found["starting_later"],
        "left": found["left"],
    }
