"""What the services' own roles may do, table by table. A new table without a line here fails, and so does a line that
says more or less than the database.
"""

from collections.abc import Mapping
from itertools import product
from typing import Any

import asyncpg
import pytest

from infra.local.postgres import create_roles
from infra.settings import SERVICES
from shared.database.migrate import migrate
from tests.support import databases
from tests.support.stack import Stack

READ = "SELECT"
APPEND = "SELECT INSERT"
CHANGE = "SELECT INSERT UPDATE"
REPLACE = "SELECT INSERT DELETE"
ALL = "SELECT INSERT UPDATE DELETE"

MECHANISMS = {
    "alembic_version": READ,
    "outbox": "SELECT INSERT UPDATE(error)",  # what was sent goes through delete_sent()
    "event_counters": "SELECT INSERT UPDATE(last)",
    "relay_lease": "SELECT INSERT UPDATE(epoch,expires_at,holder)",
    "inbox": APPEND,
    "signouts": REPLACE,
    "consumer_positions": "SELECT INSERT UPDATE(next_offset)",
    "dead_letters": "SELECT INSERT UPDATE(decided_at,decided_by,decision_reason,state)",
    "idempotency_keys": "SELECT INSERT UPDATE(answer,created_at,kid)",
    "jobs": "SELECT INSERT UPDATE(attempt,attempts_before,content,done,ended_at,leased_until,result,run_at,state)",
}
TABLES: Mapping[str, Mapping[str, str]] = {
    "booking": {
        **MECHANISMS,
        "project": CHANGE,
        "municipalities": CHANGE,
        "commitment_statements": ALL,
        "commitments": REPLACE,
        "courses": CHANGE,
        "packages": CHANGE,
        "titles": REPLACE,
        "title_list": CHANGE,
        "trainers": CHANGE,
        "participants": CHANGE,
        "vault": CHANGE,
        "staff": CHANGE,
        "employment_periods": ALL,
        "sessions": CHANGE,
        "occasions": REPLACE,
        "session_trainers": REPLACE,
        "registrations": CHANGE,
        "waiting_entries": ALL,
        "reservations": "SELECT INSERT UPDATE(ended_at,named,reminded_at,revision,state)",
        "walk_ins": "SELECT INSERT UPDATE(municipality,name,registration_id,revision,state)",
        "roll_states": CHANGE,
        "attended": REPLACE,
        "webhooks": "SELECT INSERT DELETE UPDATE(disabled_at,revision,rotated_at,sealed,sealed_before,state)",
        "webhook_deliveries": "SELECT INSERT UPDATE(attempts,ended_at,next_attempt_at,state,turn)",
        "mails": "SELECT INSERT UPDATE(attempts,ended_at,reason,recipient,state)",
        "diary_entries": "SELECT INSERT DELETE UPDATE(attendee,ends_at,starts_at,venue)",
        "audit": APPEND,
        "queue_decisions": APPEND,
        "demands": "SELECT INSERT UPDATE(revision,wishes)",
        "trainer_absences": APPEND,
        "erasures": "SELECT INSERT UPDATE(attendance_done_at,number_gone_at)",
        "uploads": "SELECT INSERT DELETE UPDATE(columns,confirmed,content,job,report)",
        "column_mappings": "SELECT INSERT UPDATE(columns)",
        "blackouts": "SELECT INSERT DELETE UPDATE(revision)",  # so that a row can be locked
        "frozen_files": APPEND,
    },
    "attendance": {
        **MECHANISMS,
        "people": CHANGE,
        "people_on_rolls": READ,
        "merged_participants": "SELECT INSERT UPDATE(became)",
        "trainer_contacts": CHANGE,
        "support_needs": CHANGE,
        "project_settings": CHANGE,
        "catalogue_names": CHANGE,
        "rolls": CHANGE,
        "occasions": CHANGE,
        "roll_entries": CHANGE,
        "roll_people": READ,
        "cells": CHANGE,
        "current_cells": READ,
        "marks": APPEND,
        "mark_releases": APPEND,
        "current_marks": READ,
        "walk_in_links": APPEND,
        "walk_ins": APPEND,
        "conflicts": "SELECT INSERT UPDATE(kind,marks,reason,resolution,resolved_at,resolved_by,revision)",
        "current_conflicts": READ,
        "refused_marks": APPEND,
        "seals": APPEND,
        "head_counts": APPEND,
        "wrong_codes": APPEND,
        "survey_entries": APPEND,
        "survey_rounds": "SELECT INSERT UPDATE(answered,closes_at,invited,roll_version,waiting)",
        "survey_links": "SELECT INSERT DELETE UPDATE(answered)",
        "survey_invitees": REPLACE,
        "employers": CHANGE,
        "placements": "SELECT INSERT DELETE UPDATE(from_day,outcome,revision,to_day,workplace)",
        "weekly_notes": "SELECT INSERT DELETE UPDATE(answers,noted_by,revision)",
        "mails": "SELECT INSERT UPDATE(attempts,ended_at,reason,recipient,state)",
        "signatures": "SELECT INSERT UPDATE(ended_at,void_cause)",
        "signed_items": APPEND,
        "signing_codes": "SELECT INSERT UPDATE(used_at,wrong)",
        "attested_lines": READ,
        "certificates": APPEND,
        "links": "SELECT INSERT UPDATE(revoked_at,revoked_by)",
    },
    "reporting": {
        **MECHANISMS,
        "facts": APPEND,
        "active_facts": READ,
        "sessions": CHANGE,
        "occasions": CHANGE,
        "cancellations": CHANGE,
        "registration_steps": APPEND,
        "rolls": CHANGE,
        "roll_lines": APPEND,
        "marks": CHANGE,
        "head_counts": CHANGE,
        "signatures": CHANGE,
        "signed_lines": APPEND,
        "invitations": APPEND,
        "answers": APPEND,
        "persons": CHANGE,
        "employments": APPEND,
        "merges": CHANGE,
        "catalogue": CHANGE,
        "newest": CHANGE,
        "reports": "SELECT INSERT UPDATE(cut_off,document,frozen_at,hash,reason,revision,state)",
        "report_rows": APPEND,
        "report_files": APPEND,
        "economy_entries": "SELECT INSERT UPDATE(covers_from,covers_to)",
        "goals": "SELECT INSERT UPDATE(goals,revision)",
        "competence_years": "SELECT INSERT UPDATE(cells,revision)",
        "activities": ALL,
        "audit": APPEND,
        "statistics_templates": CHANGE,
        "schedules": "SELECT INSERT DELETE UPDATE(days_after,language,revision,to)",
        "schedule_deliveries": "SELECT INSERT UPDATE(at,reason,report_id,state)",
        "uploads": "SELECT INSERT DELETE UPDATE(columns,confirmed,content,job,report)",
        "column_mappings": "SELECT INSERT UPDATE(columns)",
        "mails": "SELECT INSERT UPDATE(attempts,ended_at,reason,state)",
    },
}
FUNCTIONS = {"delete_sent", "forget"}
"""The owner's functions that the service's role may call: they do what it may not."""

# Effective privileges: also what everybody has, or a role that this one belongs to.
PRIVILEGES = """
    WITH tables AS (
        SELECT c.oid, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^(pg_|information_schema)'
    )
    SELECT name,
           ARRAY(SELECT privilege FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES',
                                                    'TRIGGER', 'MAINTAIN']) AS privilege
                  WHERE has_table_privilege($1, oid, privilege)) AS whole,
           ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = oid AND attnum > 0 AND NOT attisdropped
                    AND has_column_privilege($1, oid, attnum, 'UPDATE') ORDER BY attname) AS updated,
           ARRAY(SELECT attname::text FROM pg_attribute, unnest(ARRAY['SELECT', 'INSERT']) AS privilege
                  WHERE attrelid = oid AND attnum > 0 AND NOT attisdropped
                    AND has_column_privilege($1, oid, attnum, privilege)
                    AND NOT has_table_privilege($1, oid, privilege)) AS in_parts
      FROM tables
"""
OF_THE_OWNER = """
    SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE prosecdef AND n.nspname !~ '^(pg_|information_schema)' AND has_function_privilege($1, p.oid, 'EXECUTE')
"""
MAKES_THINGS = """
    SELECT nspname FROM pg_namespace
     WHERE nspname !~ '^(pg_|information_schema)' AND has_schema_privilege($1, oid, 'CREATE')
"""
MAY_CONNECT = "SELECT has_database_privilege($1, $2, 'CONNECT')"


@pytest.mark.parametrize("service", SERVICES)
async def test_the_services_role_may_do_what_is_listed_and_nothing_more(stack: Stack, service: str) -> None:
    async with databases.cloned(stack.admin_url, service) as name:
        found = await asked(stack, name, PRIVILEGES, f"{service}_app")
    assert {row["name"]: said(row) for row in found} == TABLES[service]


@pytest.mark.parametrize("service", SERVICES)
async def test_of_the_owners_functions_it_may_call_two_and_it_makes_nothing(stack: Stack, service: str) -> None:
    async with databases.cloned(stack.admin_url, service) as name:
        functions = await asked(stack, name, OF_THE_OWNER, f"{service}_app")
        schemas = await asked(stack, name, MAKES_THINGS, f"{service}_app")
    assert {row["proname"] for row in functions} == FUNCTIONS
    assert schemas == []


@pytest.mark.parametrize("service", SERVICES)
async def test_after_its_migration_a_database_lets_its_own_roles_in_and_nobody_elses(
    stack: Stack, service: str
) -> None:
    """Whoever made it, and whatever they left open."""
    async with databases.empty(stack.admin_url, service) as name:
        await migrate(service, databases.owner_url(stack.admin_url, service, name))
        admin = await asyncpg.connect(stack.admin_url)
        try:
            await create_roles(admin, stack.admin_url)
            roles = [f"{other}_{kind}" for other, kind in product(SERVICES, ("app", "owner"))]
            allowed = [role for role in roles if await admin.fetchval(MAY_CONNECT, role, name)]
        finally:
            await admin.close()
    assert allowed == [f"{service}_app", f"{service}_owner"]


def said(row: Mapping[str, Any]) -> str:
    """The privileges as the table above writes them."""
    parts = [*row["whole"]]
    if row["updated"] and "UPDATE" not in parts:
        parts.append(f"UPDATE({','.join(row['updated'])})")
    if row["in_parts"]:
        parts.append(f"some of {','.join(row['in_parts'])}")
    return " ".join(parts)


async def asked(stack: Stack, name: str, statement: str, role: str) -> list[Mapping[str, Any]]:
    connection = await asyncpg.connect(databases.superuser_url(stack.admin_url, name))
    try:
        return [dict(row) for row in await connection.fetch(statement, role)]
    finally:
        await connection.close()
