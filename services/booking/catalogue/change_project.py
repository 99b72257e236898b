"""Entering and changing the project."""

from datetime import date
from typing import Any

from sqlalchemy import RowMapping, insert, update
from sqlmodel import col

from services.booking.catalogue import project_settings, queries
from services.booking.catalogue.bodies import ProjectBody, SettingBody
from services.booking.catalogue.events import project_changed, stored_settings
from services.booking.catalogue.rules import moved_start
from services.booking.catalogue.split_commitments import replace_statements, split_again
from services.booking.catalogue.tables import THE_ONE, Project
from shared.audit.record import record
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, invalid


async def enter_project(unit: Unit, body: ProjectBody) -> int:
    """Enters the project for the first time; returns its revision. Raises 422 for bad settings."""
    body = _with_days(body)
    await unit.execute(insert(Project).values(id=THE_ONE, revision=1, **_columns(body)))
    await record(unit, "project-entered", "project", after=_columns(body))
    _publish(unit, body)
    return 1


async def change_project(unit: Unit, row: RowMapping, body: ProjectBody) -> int:
    """Replaces the project, whose locked row is given; splits the commitment again. Returns the new revision.

    Commitments that were in force from the project's first day stay so when that day moves.
    """
    body = _with_days(body)
    columns, revision = _columns(body), int(row["revision"]) + 1
    await unit.execute(update(Project).where(col(Project.id) == THE_ONE).values(revision=revision, **columns))
    await record(unit, "project-changed", "project", before={name: row[name] for name in columns}, after=columns)
    _publish(unit, body)
    if body.period.from_ != row["period_from"]:
        statements = await queries.all_statements(unit)
        await replace_statements(unit, moved_start(statements, row["period_from"], body.period.from_))
    await split_again(unit, body.commitment_minutes)
    return revision


def _with_days(body: ProjectBody) -> ProjectBody:
    """The body with every setting dated; raises 422 with a pointer to each that is wrong."""
    errors: list[FieldError] = []
    settings: list[SettingBody] = []
    seen: set[tuple[str, date]] = set()
    for place, setting in enumerate(body.settings):
        day = setting.valid_from or body.period.from_
        settings.append(setting.model_copy(update={"valid_from": day}))
        errors += _setting_errors(f"/settings/{place}", setting, (setting.key, day) in seen)
        seen.add((setting.key, day))
    if errors:
        raise invalid(*errors)
    return body.model_copy(update={"settings": settings})


def _setting_errors(pointer: str, setting: SettingBody, again: bool) -> list[FieldError]:
    if not project_settings.is_known(setting.key):
        known = ", ".join(project_settings.KEYS)
        return [
            FieldError(
                f"{pointer}/key",
                "unknown-setting",
                f"Inställningen finns inte. Det finns {known}.",
                f"There is no such setting. There are {known}.",
            )
        ]
    if again:
        return [
            FieldError(
                pointer,
                "twice",
                "Inställningen står två gånger från samma dag. Ta bort den ena.",
                "The setting stands twice from the same day. Remove one.",
            )
        ]
    form = project_settings.expected(setting.key, setting.value)
    if form is None:
        return []
    return [FieldError(f"{pointer}/value", "bad-value", f"Värdet ska vara {form}.", f"The value must be {form}.")]


def _columns(body: ProjectBody) -> dict[str, Any]:
    return {
        "name": body.name,
        "period_from": body.period.from_,
        "period_to": body.period.to,
        "grant_amount": body.grant,
        "commitment_minutes": body.commitment_minutes,
        "settings": [setting.model_dump(mode="json") for setting in body.settings],
    }


def _publish(unit: Unit, body: ProjectBody) -> None:
    unit.emit(project_changed(body, stored_settings(_columns(body)["settings"])))
