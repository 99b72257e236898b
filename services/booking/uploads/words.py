"""What the pages of uploads say of each kind of file."""

from typing import Final

from shared.uploads.kinds import OF_ROWS, Texts
from shared.web.pages.languages import _, ngettext

OF_STAFF: Final = Texts(
    heading=_("Staff from a file"),
    totals={
        **OF_ROWS,
        "create": _("New employments"),
        "cancelled_registrations": _("Registrations cancelled, because the employment ends"),
    },
    to_the_list=_("To the staff"),
    hints={
        "personal_number": _("Twelve digits are best: YYYYMMDD-NNNN. Coordination numbers too."),
        "category": _("bas, legitimerad or övrig"),
        "title": _("As in your system. What we know by another name is found."),
        "valid_from": _("As 2027-03-02. Empty: from the project's first day."),
        "valid_to": _("As 2027-03-02. Ends the employment."),
        "kind": _("anställd or praktik. Empty: anställd."),
        "gender": _("kvinna, man, ickebinär or okänt. Empty: by the number."),
        "protected_identity": _("ja for those whose name must not be shown"),
        "language": _("sv or en. Empty: sv."),
        "municipality": _("Four digits, as 1884"),
        "employer_org_number": _("As 212000-2007. Empty: the municipality's."),
        "phone": _("As 070-123 45 67"),
    },
)
_BY_DAY_OR_ID: Final = _("Course code and date, or the session's id")
OF_REGISTRATIONS: Final = Texts(
    heading=_("Registrations from a file"),
    totals={"confirmed": _("Get a place"), "waitlisted": _("Wait in the queue"), "unchanged": OF_ROWS["unchanged"]},
    save=ngettext("Register %(num)s person", "Register %(num)s people"),
    to_the_list=_("To the sessions"),
    new=("confirmed", "waitlisted"),
    hints={
        "personal_number": _("Twelve digits are best: YYYYMMDD-NNNN. Coordination numbers too."),
        "date": _("As 2027-03-02"),
        "session_id": _("The id in the session's address"),
        "municipality": _("Four digits, as 1884"),
    },
    needed=dict.fromkeys(("course", "date", "session_id"), _BY_DAY_OR_ID),
)
