"""What is to be examined: the environment, completed by what the stack that runs here was told."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module

from pydantic import ValidationError

from infra.commands.addresses import databases
from infra.doctor.findings import Finding, error, ok
from infra.local import secrets, state
from infra.settings import SERVICES, data_folder
from shared.settings import ServiceSettings


@dataclass(frozen=True)
class Configuration:
    """Variables by name, and the services that they configure: those whose database is named."""

    variables: Mapping[str, str]

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(name for name in SERVICES if self.get(f"{name.upper()}_DATABASE_URL"))

    def get(self, name: str) -> str:
        return self.variables.get(name, "")


def found() -> Configuration:
    """The environment's variables win over those of the stack here."""
    return Configuration({**_of_the_stack_here(), **{name: value for name, value in os.environ.items() if value}})


def _of_the_stack_here() -> dict[str, str]:
    data = data_folder()
    running = state.running(data)
    if running is None:
        return {}
    issuer = f"{running.origin}/identity"
    keys = {name: value for name, value in secrets.load(data).items() if name in secrets.DERIVED}
    told = {"KURSNAV_ISSUER": issuer, "KURSNAV_JWKS_URL": f"{issuer}/jwks", "KURSNAV_ENVIRONMENT": "development"}
    return {**keys, **told, **databases(), "KAFKA_BOOTSTRAP_SERVERS": running.bootstrap_servers}


@cache
def settings_class(service: str) -> type[ServiceSettings]:
    chosen: type[ServiceSettings] = getattr(
        import_module(f"services.{service}.settings"), f"{service.capitalize()}Settings"
    )
    return chosen


def examine(configuration: Configuration) -> list[Finding]:
    """Whether each service would start with its settings."""
    return [_settings(service, configuration) for service in configuration.services]


def _settings(service: str, configuration: Configuration) -> Finding:
    part = f"settings of {service}"
    try:
        settings = settings_class(service)(**dict(configuration.variables))  # type: ignore[arg-type]  # by variable name
    except ValidationError as wrong:
        said = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in wrong.errors())
        return error(part, said, "docs/configuration.md says what each variable means.")
    return ok(part, f"complete, for {settings.environment}")
