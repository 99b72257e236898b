"""What a report says: figures with everything needed to check them, as one JSON document with a hash.

The document is the report; the five files are pictures of it. `hash` is the SHA-256 of the document without `hash`,
written as canonical JSON (UTF-8, keys sorted, no spaces), so anyone who holds the JSON file can compute it again.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from services.reporting.figures.paths import numbers
from services.reporting.reports.listed import Listed, listed_of
from services.reporting.reports.periods import Period
from shared.clock import local_day

Json = dict[str, Any]


@dataclass(frozen=True)
class Order:
    """What was asked for, and the data cut-off that was taken in the same moment.

    `cut_off` is `{topic: {partition: next offset}}`; `created_at` is RFC 3339 in UTC. Nothing here changes after the
    request.
    """

    id: str
    kind: str
    version: int
    supersedes: str | None
    period: str
    municipality: str | None
    language: str
    texts: dict[str, str]
    created_at: str
    cut_off: dict[str, dict[str, int]]

    @property
    def day(self) -> date:
        """The local day of the request."""
        return local_day(datetime.fromisoformat(self.created_at))


@dataclass(frozen=True)
class Content:
    """A report's whole content. `names` holds the words for codes (courses, municipalities, titles, project) at the
    cut-off; `given` what its kind takes beside facts (a template, goals).
    """

    order: Order
    data_as_of: str | None
    rule_versions: Json
    row_count: int
    rows_hash: str
    figures: Json
    cofinancing: Json
    months: list[Json]
    names: Json
    given: Json = field(default_factory=dict)
    lists: tuple[Listed, ...] = ()

    @property
    def period(self) -> Period:
        """The period with its days, which for the project's are those of the cut-off."""
        first, last = (date.fromisoformat(self.figures["period"][name]) for name in ("from", "to"))
        return Period(self.order.period, first, last)

    @property
    def under_way(self) -> bool:
        """Whether the data were cut off before the period was over."""
        return self.order.day <= self.period.last

    @property
    def hash(self) -> str:
        return sha256(canonical(self.unsealed()))

    def unsealed(self) -> Json:
        """The document without its hash."""
        rest = {
            "data_as_of": self.data_as_of,
            "rule_versions": self.rule_versions,
            "rows": {"count": self.row_count, "hash": self.rows_hash} | self._lists(),
            "figures": self.figures,
            "cofinancing": self.cofinancing,
            "months": self.months,
            "names": self.names,
        }
        return asdict(self.order) | rest | ({"given": self.given} if self.given else {})

    def _lists(self) -> Json:
        return {"lists": [one.document() for one in self.lists]} if self.lists else {}

    def document(self) -> Json:
        """The document as the JSON file shows it."""
        return self.unsealed() | {"hash": self.hash}


def content_of(document: Mapping[str, Any]) -> Content:
    """The content that a document (with or without `hash`) states."""
    order = Order(**{name: document[name] for name in Order.__dataclass_fields__})
    return Content(
        order=order,
        data_as_of=document["data_as_of"],
        rule_versions=document["rule_versions"],
        row_count=document["rows"]["count"],
        rows_hash=document["rows"]["hash"],
        figures=document["figures"],
        cofinancing=document["cofinancing"],
        months=document["months"],
        names=document["names"],
        given=document.get("given", {}),
        lists=tuple(listed_of(one) for one in document["rows"].get("lists", ())),
    )


def canonical(value: Any) -> bytes:
    """The one way to write a JSON value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def flat(content: Content) -> dict[str, Any]:
    """Every number by its dotted path: `minutes.attested`, `cofinancing.municipalities.1884.attainment`,
    `months.2025-11.attested`.
    """
    groups = {name: group for name, group in content.figures.items() if group is not None}
    return dict([*numbers(groups), *numbers(content.cofinancing, "cofinancing"), *numbers(content.months, "months")])
