"""Where commands reach the parts: the environment's addresses, else those of the stack that runs here."""

import os

from infra.local import postgres, state
from infra.local.errors import StackError
from infra.settings import SERVICES, data_folder, external_databases

NOT_RUNNING = "Start the stack (kursnav up), or set {variable}."


def bootstrap_servers() -> str:
    """The broker. Raises `StackError` when nobody names one."""
    running = state.running(data_folder())
    servers = os.environ.get("KAFKA_BOOTSTRAP_SERVERS") or (running.bootstrap_servers if running else "")
    if not servers:
        raise StackError(NOT_RUNNING.format(variable="KAFKA_BOOTSTRAP_SERVERS"))
    return servers


def owner_urls(services: list[str]) -> dict[str, str]:
    """The owner's database URL of each service. Raises `StackError` naming the variable that is missing."""
    known = databases()
    missing = [name for name in map(_owner_variable, services) if name not in known]
    if missing:
        raise StackError(NOT_RUNNING.format(variable=" and ".join(missing)))
    return {service: known[_owner_variable(service)] for service in services}


def databases() -> dict[str, str]:
    """The services' database variables that are known here."""
    running = state.running(data_folder())
    derived: dict[str, str] = {}
    if running and running.admin_url:
        for service in SERVICES:
            derived.update(postgres.service_urls(running.admin_url, service))
    return {**derived, **external_databases()}


def origin() -> str:
    """The address of the HTTP origin; `KURSNAV_URL` names another than that of the stack here."""
    running = state.running(data_folder())
    address = os.environ.get("KURSNAV_URL") or (running.origin if running else "")
    if not address:
        raise StackError(NOT_RUNNING.format(variable="KURSNAV_URL"))
    return address.rstrip("/")


def chosen(services: list[str] | None) -> list[str]:
    """The named services, or all. Raises `StackError` for a name that is none."""
    unknown = sorted(set(services or []) - set(SERVICES))
    if unknown:
        raise StackError(f"There is no service {', '.join(unknown)}. Services: {', '.join(SERVICES)}.")
    return list(services or SERVICES)


def _owner_variable(service: str) -> str:
    return f"{service.upper()}_OWNER_DATABASE_URL"
