"""Whether a service's database is older than what the service has sent.

One that is restored from an older backup counts `ce_sequence` on from there, and whoever has applied more passes over
its new events. Reporting's facts remember every sequence that was sent.
"""

from collections.abc import Mapping

import asyncpg

from infra.doctor.configuration import Configuration
from infra.doctor.databases import connect
from infra.doctor.findings import Finding, error, ok
from services.reporting.facts.versions import schema_of
from shared.contracts.topics import ATTENDANCE, BOOKING, CATALOGUE, PARTICIPANTS, SIGNATURES, SURVEYS, Topic
from shared.database import scope
from shared.security.roles import SYSTEM

SENDS: Mapping[str, tuple[Topic, ...]] = {
    "booking": (BOOKING, CATALOGUE, PARTICIPANTS),
    "attendance": (ATTENDANCE, SIGNATURES, SURVEYS),
}
COUNTED = "SELECT topic, key, last FROM event_counters WHERE topic = ANY($1)"
APPLIED = "SELECT topic, key, max(sequence) AS last FROM {facts}.facts WHERE topic = ANY($1) GROUP BY topic, key"
Last = dict[tuple[str, str], int]


async def examine(configuration: Configuration) -> list[Finding]:
    """A finding for each sender whose database and reporting's are both known and answer."""
    return [
        await _compared(service, configuration)
        for service in SENDS
        if {service, "reporting"} <= set(configuration.services)
    ]


async def _compared(service: str, configuration: Configuration) -> Finding:
    part = f"events of {service}"
    try:
        applied = await _last("reporting", configuration, service)  # first: meanwhile the counters only rise
        counted = await _last(service, configuration, service)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as wrong:
        return error(part, f"not compared ({type(wrong).__name__})", "Mend what is said of the databases first.")
    behind = sorted(place for place, last in applied.items() if last > counted.get(place, 0))
    if not behind:
        return ok(part, "none was applied that it does not know")
    topic, key = behind[0]
    return error(
        part,
        f"behind what was applied, for {len(behind)} of its keys (the first on {topic}: {key}): new events of them "
        "would be passed over",
        f"Was {service} restored from an older backup? Stop it, and restore it to its last commit (WAL archive).",
    )


async def _last(asked: str, configuration: Configuration, sender: str) -> Last:
    connection = await connect(configuration.get(f"{asked.upper()}_DATABASE_URL"))
    try:
        statement = COUNTED
        if asked == "reporting":
            statement = APPLIED.format(facts=schema_of(await connection.fetchval("SELECT version FROM active_facts")))
        async with connection.transaction(readonly=True):
            await connection.execute(scope.APPLY, *scope.values_of(SYSTEM))
            rows = await connection.fetch(statement, [topic.name for topic in SENDS[sender]])
        return {(row["topic"], row["key"]): row["last"] for row in rows}
    finally:
        await connection.close()
