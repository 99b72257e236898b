"""A setting of the project as a form has it: one text for most, three fields for rounding."""

from datetime import date
from typing import Any, Final

from pydantic_core import from_json

from services.booking.catalogue import project_settings
from services.booking.catalogue.bodies import NewSettingBody
from shared.web.problems import FieldError, invalid

FLAG, COUNT, TEXT, HOURS, SHARE, DAY, ROUNDING = "flag", "count", "text", "hours", "share", "day", "rounding"
KINDS: Final = {
    **dict.fromkeys(project_settings.KEYS, COUNT),
    "rounding": ROUNDING,
    "breaks": "breaks",
    "signature_required": FLAG,
    "queue_order": "queue_order",
    "reminder_hours": HOURS,
    "illness_neutral": FLAG,
    "prerequisite_min_share": SHARE,
    "unit_cost": TEXT,
    "office_email": TEXT,
    "retention.evidence_until": DAY,
}
"""How each setting is written."""


def value_of(key: str, form: NewSettingBody, project_ends: date) -> Any:
    """The value as the project stores it. Raises 422 at the form's own field, also for a day on which evidence of a
    project that still goes on would be deleted: nobody who writes that by hand means it.
    """
    value = _read(key, form)
    expected = project_settings.expected(key, value)
    if expected is not None:
        sv, en = f"Värdet ska vara {expected}.", f"The value must be {expected}."
        raise invalid(FieldError("/value", "bad-value", sv, en))
    if KINDS[key] == DAY and date.fromisoformat(value) < project_ends:
        sv, en = (
            f"Projektet pågår till {project_ends}. Ange den dagen eller en senare: underlaget raderas dagen efter.",
            f"The project goes on until {project_ends}. Give that day or a later one: evidence goes the day after.",
        )
        raise invalid(FieldError("/value", "before-project-ends", sv, en))
    return value


def _read(key: str, form: NewSettingBody) -> Any:
    kind, text = KINDS[key], form.value
    if kind == ROUNDING:
        return form.model_dump(include={"unit_minutes", "mode", "per"})
    if kind == HOURS:
        text = f"[{text or ''}]"
    elif text is None or kind not in (FLAG, COUNT, SHARE):
        return text
    try:
        return from_json(text.replace(",", ".") if kind == SHARE else text)
    except ValueError:
        return text
