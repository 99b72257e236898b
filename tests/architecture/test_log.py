"""The log tells every act that the code can record in words; `test_texts.py` holds that they have their Swedish."""

import ast
import re
from collections.abc import Iterator

import pytest

from services.booking.allocation.tables import ACTIVE
from services.booking.blackouts.bodies import BlackoutShown
from services.booking.catalogue.bodies import CourseShown, MunicipalityBody, PackageShown, ProjectBody
from services.booking.catalogue.change_project import _columns as project_columns
from services.booking.log_pages.words import FIELDS
from services.booking.log_pages.words import WORDS as OF_BOOKING
from services.booking.reservations.bodies import ReservationBody
from services.booking.sessions.bodies import SessionShown
from services.booking.staff.people import Attributes, Contact
from services.booking.staff.rules import DATED
from services.booking.titles.bodies import TitleBody
from services.booking.trainers.bodies import TrainerBody
from services.booking.webhooks.bodies import WebhookBody
from services.reporting.activities.bodies import ActivityBody
from services.reporting.competence.bodies import CellBody
from services.reporting.economy.bodies import EntryBody
from services.reporting.goals.bodies import GoalBody, IndicatorBody
from services.reporting.log_pages.words import WORDS as OF_REPORTING
from services.reporting.schedules.bodies import ScheduleBody
from services.reporting.statistics_file.bodies import TemplateColumnBody, TemplateVersionBody
from shared.audit.changes import UNTOLD
from shared.audit.telling import Words
from tests.architecture.source import Function, Module, modules

TARGET = re.compile(r'f?"((?:project|titles|goals|statistics-template)(?=", (?:after|before|\{))|[a-z-]+(?=/\{))')
LOGS = {"booking": OF_BOOKING, "reporting": OF_REPORTING}
"""The services that tell their audit on a page."""
WHOLE = ("project-", "titles-", "goals-", "statistics-")
"""Acts on what there is one of."""
ACTION_AT = {"record": 1, "Act": 0, "Change": 0}
"""The calls that name an act, and at which place."""


def calls(node: ast.AST, names: set[str]) -> Iterator[ast.Call]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in names:
            yield call


def texts(module: Module, function: Function, value: ast.expr) -> Iterator[str]:
    """The acts that an expression can name; an expression that nobody can follow names one that is not told."""
    if isinstance(value, ast.Constant):
        yield str(value.value)
    elif isinstance(value, ast.IfExp):
        yield from texts(module, function, value.body)
        yield from texts(module, function, value.orelse)
    elif isinstance(value, ast.JoinedStr) and ast.unparse(value.values[0]) == "'registration-'":
        yield from (f"registration-{status}" for status in ACTIVE)
    elif isinstance(value, ast.Attribute) and value.attr == "action":
        return  # of a Change, which is a call of its own
    elif isinstance(value, ast.Name):
        yield from of_name(module, function, value.id)
    else:
        yield f"{module.path}: {ast.unparse(value)}"


def of_name(module: Module, function: Function, name: str) -> Iterator[str]:
    """What a variable was set to, or what a parameter is given."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            yield from texts(module, function, node.value)
    place = next((at for at, each in enumerate(function.args.args) if each.arg == name), None)
    if place is not None:
        for caller in module.functions:
            for call in calls(caller, {function.name}):
                yield from texts(module, caller, call.args[place])


def written(service: str) -> list[Module]:
    return [module for module in modules(f"services/{service}") if "migrations" not in module.path.parts]


def recorded(service: str) -> Iterator[str]:
    """Every act that a service can record."""
    for module in written(service):
        for function in module.functions:
            for call in calls(function, set(ACTION_AT)):
                place = ACTION_AT[ast.unparse(call.func)]
                yield from texts(module, function, call.args[place])


@pytest.mark.parametrize("service", LOGS)
def test_every_act_has_its_sentence_and_every_sentence_its_act(service: str) -> None:
    assert set(recorded(service)) == set(LOGS[service].acts)


@pytest.mark.parametrize(("words", "action"), [(words, one) for words in LOGS.values() for one in sorted(words.acts)])
def test_a_sentence_names_what_it_is_about(words: Words, action: str) -> None:
    """What a sentence leaves open it is given: a person, a session, or something else."""
    said = words.acts[action].sentence % {"person": "<p>", "session": "<s>", "thing": "<t>"}
    assert action.startswith(WHOLE) != ("<" in said), said


@pytest.mark.parametrize("service", LOGS)
def test_every_kind_of_thing_has_its_name(service: str) -> None:
    writers = [module for module in written(service) if any("shared.audit.record" in each for each in module.imports)]
    begun = {kind for module in writers for kind in TARGET.findall(module.text)}
    assert begun - {"person", "title"} == set(LOGS[service].kinds)  # those two are keys of events


def test_every_field_of_follow_up_has_its_name() -> None:
    shown = (ActivityBody, CellBody, EntryBody, GoalBody, IndicatorBody, TemplateColumnBody, TemplateVersionBody)
    names = {name for model in shown for name in model.model_fields} - {"codes"}
    assert names | {*ScheduleBody.model_fields} - {"to"} <= set(OF_REPORTING.fields)


def test_every_field_that_an_act_can_change_has_its_name() -> None:
    shown = (BlackoutShown, CourseShown, PackageShown, ReservationBody, TitleBody, TrainerBody, WebhookBody)
    names = {field.alias or name for model in shown for name, field in model.model_fields.items()}
    names |= set(SessionShown.model_fields) - {"seats", "warnings"}
    names |= {*Contact.__dataclass_fields__, *Attributes.__dataclass_fields__, *DATED, "workplace", "valid_from"}
    names |= {"employees", "commitment_minutes", "contact_email", "org_number"} & set(MunicipalityBody.model_fields)
    project = ProjectBody.model_validate(
        {"name": "P", "period": {"from": "2025-01-01", "to": "2027-06-30"}, "grant": "1", "commitment_minutes": 1}
    )
    assert names | set(project_columns(project)) <= set(FIELDS) | UNTOLD
