"""Who may call: roles, the caller of a request, and the rows that each role may see (product.md, "Roles").

Everything is denied unless a route allows it; `shared.web.routing.allow` is the one place that decides.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from uuid import UUID


class Role(StrEnum):
    """The roles of the access token's `roles` claim, widest view first."""

    COORDINATOR = "coordinator"
    OPERATOR = "operator"
    FUNDER = "funder"
    EVALUATOR = "evaluator"
    MUNICIPALITY = "municipality"
    TRAINER = "trainer"


ANY: tuple[Role, ...] = tuple(Role)


@dataclass(frozen=True)
class Caller:
    """The person or system behind a valid access token."""

    subject: str
    name: str
    roles: frozenset[Role]
    municipality: str | None = None
    trainer_id: UUID | None = None
    issuer: str = ""

    @cached_property
    def identity(self) -> str:
        """A digest of what makes this caller another than the next: a subject is its issuer's, and may act for several
        municipalities.
        """
        parts = (self.issuer, self.subject, self.municipality or "", str(self.trainer_id or ""))
        return sha256(json.dumps(parts).encode()).hexdigest()

    def role_among(self, allowed: tuple[Role, ...]) -> Role | None:
        """The widest of the caller's roles that a route allows, or None."""
        return next((role for role in ANY if role in allowed and role in self.roles), None)


@dataclass(frozen=True)
class Scope:
    """What row-level security lets a transaction see. The policies compare these texts and nothing else.

    `none` sees no row; `system` is for seat decisions, promotion and consumers; `project` for roles that see the
    whole project. `caller` is whose stored answers (`Idempotency-Key`) it sees, whatever else it sees: of several who
    share the transaction, with a space between them.
    """

    kind: str
    municipality: str = ""
    trainer: str = ""
    caller: str = ""


SYSTEM = Scope("system")
NOTHING = Scope("none")


def scope_of(caller: Caller, role: Role) -> Scope:
    """The rows that a caller may see in a role."""
    if role is Role.MUNICIPALITY:
        return Scope("municipality", municipality=caller.municipality or "", caller=caller.identity)
    if role is Role.TRAINER:
        return Scope("trainer", trainer=str(caller.trainer_id or ""), caller=caller.identity)
    return Scope("project", caller=caller.identity)
