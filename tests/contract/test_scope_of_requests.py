"""A request sees and writes the rows of its caller's scope, and nothing without one."""

from uuid import uuid4

import asyncpg
import pytest

from shared.security.roles import Role
from tests.support.databases import app_url, owner_url
from tests.support.mechanisms import SERVICE
from tests.support.notes import HALLSBERG, NORA, Notes
from tests.support.stack import Stack


class TestScope:
    async def test_a_municipality_sees_its_own_rows(self, notes: Notes) -> None:
        await notes.post("ours")
        await notes.post("theirs", municipality=HALLSBERG)
        answer = await notes.client.get("/v1/notes", headers=notes.as_municipality())
        assert [item["text"] for item in answer.json()["items"]] == ["ours"]

    async def test_the_coordinator_sees_all(self, notes: Notes) -> None:
        await notes.post("ours")
        await notes.post("theirs", municipality=HALLSBERG)
        answer = await notes.client.get("/v1/notes", headers=notes.bearer(Role.COORDINATOR))
        assert len(answer.json()["items"]) == 2

    async def test_nobody_writes_rows_of_others(self, notes: Notes) -> None:
        body = {"text": "forged", "municipality": HALLSBERG}
        answer = await notes.client.post("/v1/notes", json=body, headers=notes.as_municipality(NORA))
        assert answer.status_code == 500
        assert await notes.texts() == []

    async def test_as_system_lifts_the_scope_and_gives_it_back(self, notes: Notes) -> None:
        await notes.post("ours")
        await notes.post("theirs", municipality=HALLSBERG)
        answer = await notes.client.get("/v1/counts", headers=notes.as_municipality())
        assert answer.json() == {"before": 1, "inside": 2, "after": 1}

    async def test_unset_sees_nothing_and_neither_does_what_a_pooled_connection_leaves(
        self, notes: Notes, stack: Stack, database: str
    ) -> None:
        await notes.post("ours")
        for role, url_of in (("app", app_url), ("owner", owner_url)):
            connection = await asyncpg.connect(url_of(stack.admin_url, SERVICE, database))
            try:
                assert await connection.fetchval("SELECT count(*) FROM notes") == 0, f"{role}: unset"
                async with connection.transaction():
                    await connection.execute("SELECT set_config('kursnav.scope', 'system', true)")
                    assert await connection.fetchval("SELECT count(*) FROM notes") == 1
                assert await connection.fetchval("SELECT current_setting('kursnav.scope', true)") == ""
                assert await connection.fetchval("SELECT count(*) FROM notes") == 0, f"{role}: left empty"
                await connection.execute("SELECT set_config('kursnav.scope', 'municipality', false)")
                assert await connection.fetchval("SELECT count(*) FROM notes") == 0, f"{role}: no municipality"
            finally:
                await connection.close()

    async def test_a_unit_of_work_without_scope_sees_nothing(self, notes: Notes) -> None:
        await notes.post("ours")
        async with notes.service.units.open() as unit:
            assert await unit.scalar("SELECT count(*) FROM notes") == 0

    async def test_the_runtime_role_can_neither_change_nor_leave_the_policies(
        self, stack: Stack, database: str
    ) -> None:
        connection = await asyncpg.connect(app_url(stack.admin_url, SERVICE, database))
        try:
            for statement in ("ALTER TABLE notes DISABLE ROW LEVEL SECURITY", "DROP POLICY notes_scope ON notes"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(statement)
            role = await connection.fetchrow("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
            assert tuple(role or ()) == (False, False)
        finally:
            await connection.close()


class TestRoles:
    async def test_without_a_token_401(self, notes: Notes) -> None:
        answer = await notes.client.get("/v1/notes")
        assert (answer.status_code, answer.headers["www-authenticate"].split()[0]) == (401, "Bearer")

    @pytest.mark.parametrize("role", [Role.TRAINER, Role.FUNDER, Role.EVALUATOR, Role.OPERATOR, "invented"])
    async def test_another_role_403(self, notes: Notes, role: str) -> None:
        claims = {"trainer_id": uuid4()} if role == Role.TRAINER else {}
        answer = await notes.client.get("/v1/notes", headers=notes.bearer(role, **claims))
        assert answer.status_code == 403

    async def test_a_municipality_without_its_claim_sees_nothing(self, notes: Notes) -> None:
        assert (await notes.client.get("/v1/notes", headers=notes.bearer(Role.MUNICIPALITY))).status_code == 403

    async def test_a_route_that_allows_nobody_is_closed_to_all(self, notes: Notes) -> None:
        headers = notes.bearer(*Role, municipality=NORA, trainer_id=uuid4())
        assert (await notes.client.get("/v1/nobody", headers=headers)).status_code == 403
