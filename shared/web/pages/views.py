"""What a page is made of: a template with its values; after a refusal what was written and what is wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from shared.web.pages.plain import FILL_IN, said
from shared.web.problems import Problem


class View:
    """What a GET of a page returns. `revision` goes with the page's form, as `If-Match` does with a call.

    `finish`: what is done to the response, as setting a cookie.
    """

    finish: Callable[[Response], None] | None = None

    def __init__(self, template: str, /, revision: int | None = None, **values: Any) -> None:
        self.template = template
        self.revision = revision
        self.values = values


@dataclass(frozen=True)
class Entered:
    """What a form brought that was not taken: its fields as they were written, and why. Without a problem it was kept
    over a sign-in.
    """

    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    problem: Problem | None = None


NOTHING = Entered()


def entered(request: Request) -> Entered:
    """What the form of this page held when it was refused; nothing on a fresh page."""
    found: Entered = request.scope.get("entered", NOTHING)
    return found


def name_of(pointer: str) -> str:
    """The form's field of a JSON pointer: `/occasions/0/starts_at` is `occasions.0.starts_at`."""
    return pointer.removeprefix("/query").strip("/").replace("/", ".").replace("~1", "/").replace("~0", "~")


class Form:
    """The form of a page, as its template sees it: what stands in each field, and what is wrong."""

    def __init__(self, request: Request, revision: int | None) -> None:
        self._entered = entered(request)
        self.etag = "" if revision is None else f'"{revision}"'
        problem = self._entered.problem
        spent = problem is not None and problem.name in ("idempotency-key-reused", "invalid-idempotency-key")
        # Refused, it keeps its key: what was saved after all is not saved again.
        self.key = (not spent and self.value("_key")) or uuid4()
        self.refused = problem is not None
        self._errors = {name_of(error.pointer): said(error) for error in (problem.errors if problem else ())}
        self._shown: dict[str, tuple[str, str]] = {}  # by path: the field that shows it, and in which words
        self.kept = bool(self._entered.values) and problem is None

    def value(self, name: str, otherwise: Any = "") -> Any:
        """What stands in the field: what was written, else what is stored."""
        if name in self._entered.values:
            return self._entered.values[name][-1]
        return "" if otherwise is None or self._entered.values else otherwise

    def chosen(self, name: str, value: Any, otherwise: bool = False) -> bool:
        """Whether an option of several is chosen."""
        if self._entered.values:
            return str(value) in self._entered.values.get(name, ())
        return otherwise

    def error(self, name: str, label: str, *, parts: bool = True, missing: str = "") -> str | None:
        """What is wrong with the field, or with a part of it (`staff.3` of `staff`), called by its label. Without
        `parts`, these are fields of their own. `missing`: what to do about a field that is not filled in, but chosen.
        """
        found = [at for at in self._errors if at == name or (parts and at.startswith(f"{name}."))]
        for at in found:
            text = missing if missing and self._errors[at] in FILL_IN else self._errors[at]
            self._shown[at] = (name, f"{label}: {text}")
        return self._shown[found[0]][1] if found else None

    def has_come_to(self, name: str) -> bool:
        """Whether something was written in a part of this, or is wrong with it."""
        written = (one for one, values in self._entered.values.items() if any(values))
        return any(one.startswith(f"{name}.") for one in (*written, *self._errors))

    @property
    def errors(self) -> list[dict[str, str]]:
        """The summary, in the words of the fields: each wrong one once, else the whole refusal."""
        problem = self._entered.problem
        if problem is None:
            return []
        if self._errors:
            first: dict[tuple[str, str], str] = {}  # what no field shows is said once, by its words alone
            for at, alone in self._errors.items():
                name, text = self._shown.get(at, (at, alone))
                first.setdefault((name if at in self._shown else "", text), name)
            return [{"text": text, "href": f"#{name}"} for (_, text), name in first.items()]
        return [{"text": said(problem)}]
