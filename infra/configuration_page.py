"""`docs/configuration.md`, written from the settings classes: every variable with its default, meaning and unit.

`python -m infra.configuration_page` writes it; a test fails when it is not what the classes say.
"""

import sys
from collections.abc import Iterable
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from infra.doctor.configuration import settings_class
from infra.file_secrets import VARIABLES as SECRETS
from infra.settings import ROOT, SERVICES
from infra.variables import COMMANDS, STACK, Variable
from shared.settings import ServiceSettings

PAGE = ROOT / "docs" / "configuration.md"
UNITS = {
    "_MS": "milliseconds",
    "_SECONDS": "seconds",
    "_MINUTES": "minutes",
    "_HOURS": "hours",
    "_DAYS": "days",
    "_BYTES": "bytes",
    "_SIZE": "number",
}
INTRODUCTION = """\
# Configuration

Everything is configured by environment variables; the defaults are those of production. `kursnav doctor` examines a
configuration and says what to do. This page is written from the settings classes: `python -m infra.configuration_page`.

Variables marked *secret* may also be given as a file: `BOOKING_VAULT_KEYS_FILE=/run/secrets/vault_keys` is read into
`BOOKING_VAULT_KEYS`. Secrets that begin with `development-only` stand in the repository and are refused when
`KURSNAV_ENVIRONMENT=production`.
"""


def page() -> str:
    parts = [INTRODUCTION, _section("Every service", _fields(ServiceSettings, inherited=()))]
    for service in SERVICES:
        own = _fields(settings_class(service), inherited=ServiceSettings.model_fields)
        parts.append(_section(service.capitalize(), own))
    parts.append(_section("Commands", COMMANDS))
    parts.append(_section("The one-machine stack (`kursnav up`)", STACK))
    return "\n".join(parts)


def _fields(settings: type[ServiceSettings], inherited: Iterable[str]) -> list[Variable]:
    known = set(inherited)
    return [_variable(field) for name, field in settings.model_fields.items() if name not in known]


def _variable(field: FieldInfo) -> Variable:
    name = str(field.validation_alias)
    return Variable(name, _kind(name, field.annotation), _default(field.default), field.description or "")


def _kind(name: str, annotation: Any) -> str:
    if get_origin(annotation) is Literal:
        return " or ".join(map(str, get_args(annotation)))
    if annotation is bool:
        return "true or false"
    if annotation in (int, float):
        return next((unit for suffix, unit in UNITS.items() if name.endswith(suffix)), "number")
    return "text"


def _default(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _section(title: str, variables: Iterable[Variable]) -> str:
    head = f"## {title}\n\n| Variable | Holds | Default | Meaning |\n|---|---|---|---|\n"
    rows = sorted({variable.name: _row(variable) for variable in variables}.items())
    return head + "".join(row for _, row in rows)


def _row(variable: Variable) -> str:
    kind = f"{variable.kind}, *secret*" if variable.name in SECRETS else variable.kind
    cells = (f"`{variable.name}`", kind, variable.default or "none", variable.meaning)
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n"


def main() -> int:
    PAGE.write_text(page(), "utf-8")
    sys.stdout.write(f"{PAGE}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
