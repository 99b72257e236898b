"""What the log of follow-up says of each act and of each field that an act can change.

An act whose name is not here is shown by its name; `tests/architecture/test_log.py` allows none.
"""

from typing import Final

from services.reporting.goal_pages.pages import USUAL
from shared.audit.telling import ActText, Words
from shared.web.pages.languages import _

ACTS: Final = {
    "schedule-added": ActText(_("Schedule added"), _("A schedule was added: %(thing)s")),
    "schedule-changed": ActText(_("Schedule changed"), _("A schedule was changed: %(thing)s")),
    "schedule-removed": ActText(_("Schedule ended"), _("A schedule was ended: %(thing)s")),
    "economy-imported": ActText(_("Money entered"), _("A payment or a cost of %(thing)s was entered")),
    "goals-replaced": ActText(_("Goals changed"), _("The goals were changed")),
    "competence-entered": ActText(_("Competence changed"), _("The competence of %(thing)s was changed")),
    "activity-added": ActText(_("Activity added"), _("The activity %(thing)s was added")),
    "activity-changed": ActText(_("Activity changed"), _("The activity %(thing)s was changed")),
    "activity-removed": ActText(_("Activity taken away"), _("An activity was taken away: %(thing)s")),
    "statistics-template-stated": ActText(
        _("Statistics file changed"), _("The columns of the statistics file were stated")
    ),
}
KINDS: Final = {
    "schedule": _("Reports by schedule"),
    "economy": _("Economy"),
    "goals": _("Goals"),
    "competence": _("Competence"),
    "activity": _("Activities"),
    "statistics-template": _("Statistics file"),
}
"""What an entry can be about: the part of its target before `/`."""
FIELDS: Final = {
    "amount": _("Amount"),
    "approximate": _("About so many"),
    "audience": _("For whom"),
    "category": _("Category"),
    "cells": _("Cells"),
    "columns": _("Columns"),
    "comment": _("Comment"),
    "count": _("How many came"),
    "covers_from": _("Covers from"),
    "covers_to": _("Covers to"),
    "date": _("Day"),
    "days_after": _("Days after the end of the period"),
    "every": _("How often"),
    "figure": _("Figure that tells it"),
    "goal": _("Goal"),
    "goals": _("Goals"),
    "indicators": _("Indicators"),
    "kind": _("Kind"),
    "language": _("Language"),
    "level": _("Level"),
    "mean": _("Mean of the rating"),
    "n": _("Answers"),
    "name": _("Name"),
    "note": _("Note"),
    "occupation": _("Occupation"),
    "organisation": _("Organisation"),
    "rating": _("Rating"),
    "required": _("Needed"),
    "source": _("Source"),
    "target": _("Target"),
    "theme": _("Theme"),
    "valid_from": _("In force from"),
    "value": _("Value"),
    "version": _("Version"),
    "versions": _("Versions"),
}
VALUES: Final = {
    "progress": _("Progress report"),
    "attendance-certificates": _("Attendance certificates"),
    "participants": _("Compilation of participants"),
    "statistics-file": _("Statistics file"),
    "evaluation": _("Evaluation data"),
    "final": _("Final report"),
    "month": _("Every month"),
    "quarter": _("Every quarter"),
    "year": _("Every year"),
    "sv": _("Swedish"),
    "en": _("English"),
    "income": _("Income"),
    "cost": _("Cost"),
    "surplus": _("Surplus"),
    "sustainable": _("Sustainable"),
    "vulnerable": _("Vulnerable"),
    "shortage": _("Shortage"),
    **USUAL,
}
"""Values that are codes, whatever the field."""
CODED: Final = frozenset({"kind", "every", "figure", "language", "level"})
WORDS: Final = Words(ACTS, KINDS, FIELDS, VALUES, CODED)
