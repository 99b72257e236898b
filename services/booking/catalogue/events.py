"""What the catalogue publishes. Every value carries its whole dated history."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from services.booking.catalogue import project_settings
from services.booking.catalogue.bodies import CourseBody, PackageBody, ProjectBody
from services.booking.catalogue.rules import Commitment
from shared.contracts import catalogue_v1 as contracts


def project_changed(project: ProjectBody, settings: Iterable[project_settings.Setting]) -> contracts.ProjectChanged:
    """The project, with the defaults written out among its settings: the other services need not know them."""
    shown = project_settings.with_defaults(settings, project.period.from_)
    return contracts.ProjectChanged(
        name=project.name,
        period=contracts.Period(from_=project.period.from_, to=project.period.to),
        grant=project.grant,
        commitment_minutes=project.commitment_minutes,
        settings=tuple(
            contracts.Setting(key=setting.key, value=setting.value, valid_from=setting.valid_from) for setting in shown
        ),
    )


def municipality_changed(code: str, name: str, history: Sequence[Commitment]) -> contracts.MunicipalityChanged:
    return contracts.MunicipalityChanged(
        code=code,
        name=name,
        commitments=tuple(
            contracts.Commitment(minutes=each.minutes, employees=each.employees, valid_from=each.valid_from)
            for each in history
        ),
    )


def course_changed(course: CourseBody) -> contracts.CourseChanged:
    return contracts.CourseChanged(
        code=course.code,
        title=course.title,
        duration_minutes=course.duration_minutes,
        categories=tuple(course.categories),
        requires=tuple(course.requires),
        titles=None if course.titles is None else tuple(course.titles),
        languages=tuple(course.languages),
        needs_qualification=course.needs_qualification,
        term=course.term,
    )


def package_changed(package: PackageBody) -> contracts.PackageChanged:
    return contracts.PackageChanged(
        code=package.code, title=package.title, for_titles=tuple(package.for_titles), courses=tuple(package.courses)
    )


def stored_settings(rows: Iterable[Mapping[str, Any]]) -> list[project_settings.Setting]:
    """The project's settings as they stand in its row."""
    return [project_settings.Setting(row["key"], row["value"], date.fromisoformat(row["valid_from"])) for row in rows]
