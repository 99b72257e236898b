"""Statements about more values than PostgreSQL takes parameters."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import column, select, table
from sqlalchemy.exc import DBAPIError
from sqlmodel import Field, SQLModel, col

from shared.database.conditions import among
from shared.database.errors import is_transient
from shared.database.unit_of_work import Units

MORE_THAN_PARAMETERS = 32_768


class Note(SQLModel, table=True):
    __tablename__ = "notes"

    id: UUID = Field(primary_key=True)
    municipality: str
    text: str


async def test_a_condition_takes_any_number_of_values(units: Units) -> None:
    known = uuid4()
    async with units.system() as unit:
        await unit.execute("INSERT INTO notes (id, municipality, text) VALUES (:id, '1884', 'x')", {"id": known})
        wanted = [known, *(uuid4() for _ in range(MORE_THAN_PARAMETERS))]
        found = await unit.all(select(col(Note.text)).where(among(col(Note.id), wanted)))
        assert [row["text"] for row in found] == ["x"]
        assert await unit.all(select(col(Note.text)).where(among(col(Note.municipality), ()))) == []


async def test_too_many_parameters_are_a_fault_and_not_tried_for_ever(units: Units) -> None:
    notes = table("notes", column("text"))
    async with units.system() as unit:
        with pytest.raises(DBAPIError) as refused:
            await unit.all(select(notes).where(notes.c.text.in_([str(one) for one in range(MORE_THAN_PARAMETERS)])))
        assert not is_transient(refused.value)
