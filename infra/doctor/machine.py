"""This machine's disk, and the keys."""

import shutil
import tempfile
from pathlib import Path

import asyncpg

from infra.doctor.configuration import Configuration
from infra.doctor.findings import Finding, error, ok, warning
from infra.settings import data_folder
from shared.database.scope import APPLY, values_of
from shared.security.cipher import Cipher, CipherError
from shared.security.roles import SYSTEM

LOW_MB, LOWEST_MB = 2_000, 300
MAKE_A_KEY = "One is made by: echo name:$(openssl rand -base64 32)"
CIPHERS = {
    "KURSNAV_PEOPLE_KEYS": ("booking", "attendance"),
    "BOOKING_VAULT_KEYS": ("booking",),
    "KURSNAV_SESSION_KEYS": ("booking", "attendance", "reporting"),
}


def disk() -> list[Finding]:
    """Free space where data and temporary files lie."""
    existing = next(path for path in (data_folder(), *data_folder().parents) if path.exists())
    return [_free(path) for path in dict.fromkeys((existing, Path(tempfile.gettempdir())))]


def _free(path: Path) -> Finding:
    free = shutil.disk_usage(path).free // 2**20
    text, advice = f"{free:,} MB are free in {path}", "Free some space: a full disk stops PostgreSQL and Kafka."
    if free < LOWEST_MB:
        return error("disk", text, advice)
    return warning("disk", text, advice) if free < LOW_MB else ok("disk", text)


async def keys(configuration: Configuration) -> list[Finding]:
    """The keys of names and personal numbers: usable, not the same, and complete for what is stored."""
    findings = [
        _usable(variable, configuration.get(variable))
        for variable, services in CIPHERS.items()
        if set(services) & set(configuration.services)
    ]
    secrets = [_secrets(configuration.get(variable)) for variable in CIPHERS]
    if secrets[0] & secrets[1]:
        advice = "Make an own key for each: whoever reads names must not be able to read personal numbers."
        findings.append(error("keys", " and ".join(CIPHERS) + " share a key", advice))
    if "booking" in configuration.services:
        findings += await _vault(configuration)
    return findings


def _usable(variable: str, setting: str) -> Finding:
    try:
        active = Cipher.from_setting(setting).active
    except CipherError as wrong:
        return error("keys", f"{variable}: {wrong}", MAKE_A_KEY)
    return ok("keys", f"{variable} is usable, {active} encrypts")


def _secrets(setting: str) -> set[str]:
    return {entry.partition(":")[2] for entry in setting.split(",") if entry.partition(":")[2]}


async def _vault(configuration: Configuration) -> list[Finding]:
    """Whether every personal number stored was encrypted with a key that is still there."""
    try:
        connection = await asyncpg.connect(configuration.get("BOOKING_DATABASE_URL"), timeout=10)
    except (OSError, ValueError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return []  # said where the database is examined
    try:
        async with connection.transaction(readonly=True):
            await connection.execute(APPLY, *values_of(SYSTEM))
            stored = {row[0] for row in await connection.fetch("SELECT DISTINCT kid FROM vault")}
    except asyncpg.UndefinedTableError:
        return []
    finally:
        await connection.close()
    known = {entry.strip().partition(":")[0] for entry in configuration.get("BOOKING_VAULT_KEYS").split(",")}
    if lost := sorted(stored - known):
        advice = "Put that key back into BOOKING_VAULT_KEYS, behind the active one, before anything else."
        return [error("keys", f"personal numbers are stored with a key that is missing: {', '.join(lost)}", advice)]
    return [ok("keys", "every stored personal number has its key")]
