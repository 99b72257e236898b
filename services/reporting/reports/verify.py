"""Checking a frozen report on a later day: its figures are computed again from its stored rows, its hashes from what
is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from services.reporting.recompute.model import FIGURES_VERSION, KNOWN_VERSIONS
from services.reporting.reports.content import Content, canonical, content_of, sha256
from services.reporting.reports.freeze import content_from, disagreements
from services.reporting.reports.reconcile import problems_of
from services.reporting.reports.rows import InputRow, facts_of, hash_of

_SHOWN = 20
"""Differences named one by one; of more only the number is told."""


@dataclass(frozen=True)
class Verdict:
    """What a check found. `problems` is empty exactly when both hold."""

    reconciles: bool
    hash_matches: bool
    problems: list[str] = field(default_factory=list)


def verify(document: Mapping[str, Any], rows: Sequence[InputRow], files: Mapping[str, tuple[str, str]]) -> Verdict:
    """`document` and `rows` as stored; `files` gives each format's SHA-256 when frozen and that of the bytes stored
    now.
    """
    hashes = _hash_problems(document, rows, files)
    figures = _figure_problems(content_of(document), rows)
    return Verdict(not figures, not hashes, [*hashes, *figures])


def _hash_problems(
    document: Mapping[str, Any], rows: Sequence[InputRow], files: Mapping[str, tuple[str, str]]
) -> list[str]:
    problems = []
    unsealed = {key: value for key, value in document.items() if key != "hash"}
    if sha256(canonical(unsealed)) != document["hash"]:
        problems.append("the stored content does not have the hash that the report was frozen with")
    if hash_of(rows) != document["rows"]["hash"]:
        problems.append(
            f"the {len(rows)} stored input rows are not the {document['rows']['count']} that the report was frozen with"
        )
    problems += [
        f"the stored {name} file is not the one that was frozen" for name, (then, now) in files.items() if then != now
    ]
    return problems


def _figure_problems(stated: Content, rows: Sequence[InputRow]) -> list[str]:
    rules = stated.rule_versions["figures"]
    if rules not in KNOWN_VERSIONS:
        return [f"the figures follow the rules' version {rules}; this program knows up to version {FIGURES_VERSION}"]
    as_of = datetime.fromisoformat(stated.data_as_of) if stated.data_as_of else None
    try:
        facts = replace(facts_of(rows, stated.order.cut_off, as_of), rules=rules)
        computed = content_from(stated.order, facts, rows, stated.given)
    except ValueError as error:
        return [f"the stored input rows cannot be read: {error}"]
    different = disagreements(stated, computed)
    problems = different[:_SHOWN]
    if len(different) > _SHOWN:
        problems.append(f"and {len(different) - _SHOWN} more figures")
    return problems + [problem for problem in problems_of(stated) if problem not in problems]
