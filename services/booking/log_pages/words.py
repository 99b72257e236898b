"""What the log says of each act and of each field that an act can change.

An act whose name is not here is shown by its name; `tests/architecture/test_log.py` allows none.
"""

from typing import Final, NamedTuple

from shared.web.pages.languages import _


class ActText(NamedTuple):
    """An act in a few words, and in a sentence: of `person`, `session` and `thing` it names those that it is about."""

    short: str
    sentence: str


ACTS: Final = {
    "registration-confirmed": ActText(_("Registered"), _("%(person)s was registered for %(session)s")),
    "registration-waitlisted": ActText(
        _("Put on the waiting list"), _("%(person)s was put on the waiting list of %(session)s")
    ),
    "registration-promoted": ActText(
        _("Got a place from the waiting list"), _("%(person)s got a place from the waiting list of %(session)s")
    ),
    "registration-substituted": ActText(_("Replaced"), _("%(person)s was replaced by somebody else on %(session)s")),
    "registration-moved": ActText(_("Moved"), _("%(person)s was moved away from %(session)s")),
    "registration-cancelled": ActText(_("Registration cancelled"), _("%(person)s was taken off %(session)s")),
    "queue-moved": ActText(_("Moved in the queue"), _("%(person)s got another place in the queue of %(session)s")),
    "seats-reserved": ActText(_("Seats reserved"), _("%(thing)s reserved seats on %(session)s")),
    "reservation-named": ActText(
        _("Reserved seats got names"), _("%(thing)s named people for reserved seats on %(session)s")
    ),
    "reservation-lapsed": ActText(_("Reservation lapsed"), _("The reservation of %(thing)s on %(session)s lapsed")),
    "reservation-deleted": ActText(
        _("Reservation released"), _("The reservation of %(thing)s on %(session)s was released")
    ),
    "walk-in-added": ActText(
        _("Came without being registered"), _("%(person)s came to %(session)s without being registered")
    ),
    "walk-in-confirmed": ActText(
        _("Identified"), _("%(person)s, who came to %(session)s without being registered, was identified")
    ),
    "session-scheduled": ActText(_("Session added"), _("%(session)s was added")),
    "session-changed": ActText(_("Session changed"), _("%(session)s was changed")),
    "session-cancelled": ActText(_("Session cancelled"), _("%(session)s was cancelled")),
    "staff-added": ActText(_("Staff added"), _("%(person)s was added to the staff")),
    "staff-changed": ActText(_("Staff changed"), _("The details of %(person)s were changed")),
    "staff-ended": ActText(_("Employment ended"), _("The employment of %(person)s got a last day")),
    "person-changed": ActText(
        _("Person changed"), _("Details of %(person)s that hold for every employer were changed")
    ),
    "personal-number-changed": ActText(_("Personal number changed"), _("%(person)s got another personal number")),
    "participants-merged": ActText(_("Participants merged"), _("Two participants were merged into %(person)s")),
    "participant-erased": ActText(_("Person erased"), _("%(person)s was erased")),
    "trainer-added": ActText(_("Trainer added"), _("The trainer %(thing)s was added")),
    "trainer-changed": ActText(_("Trainer changed"), _("The details of the trainer %(thing)s were changed")),
    "trainer-absent": ActText(_("Trainer absent"), _("The trainer %(thing)s was reported absent")),
    "blackout-declared": ActText(_("Blackout added"), _("A blackout was added for %(thing)s")),
    "blackout-withdrawn": ActText(_("Blackout taken away"), _("A blackout of %(thing)s was taken away")),
    "demand-stated": ActText(_("Needs stated"), _("The needs were stated of %(thing)s")),
    "course-added": ActText(_("Course added"), _("The course %(thing)s was added")),
    "course-changed": ActText(_("Course changed"), _("The course %(thing)s was changed")),
    "package-added": ActText(_("Package added"), _("The course package %(thing)s was added")),
    "package-changed": ActText(_("Package changed"), _("The course package %(thing)s was changed")),
    "titles-replaced": ActText(_("Titles changed"), _("The titles and what they require were changed")),
    "municipality-entered": ActText(_("Municipality added"), _("%(thing)s was added as a municipality")),
    "municipality-changed": ActText(_("Municipality changed"), _("The details of %(thing)s were changed")),
    "project-entered": ActText(_("Project entered"), _("The project was entered")),
    "project-changed": ActText(_("Project changed"), _("The project or its settings were changed")),
    "webhook-added": ActText(_("Webhook added"), _("A webhook to %(thing)s was added")),
    "webhook-deleted": ActText(_("Webhook taken away"), _("A webhook to %(thing)s was taken away")),
    "named-copy-made": ActText(_("Named copy made"), _("A copy with names was made of the report %(thing)s")),
    "webhook-secret-changed": ActText(_("Webhook secret changed"), _("The webhook to %(thing)s got another secret")),
}

KINDS: Final = {
    "registration": _("Registrations"),
    "session": _("Sessions"),
    "reservation": _("Reservations"),
    "entry": _("Waiting lists"),
    "walk-in": _("Who came without being registered"),
    "staff": _("Staff"),
    "participant": _("Participants"),
    "trainer": _("Trainers"),
    "course": _("Courses"),
    "package": _("Course packages"),
    "titles": _("Titles"),
    "demand": _("Needs"),
    "blackout": _("Blackouts"),
    "municipality": _("Municipalities"),
    "project": _("Project and settings"),
    "webhook": _("Webhooks"),
    "report": _("Reports"),
}
"""What an entry can be about: the part of its target before `/`."""

FIELDS: Final = {
    "active_from": _("From the day"),
    "active_to": _("Has left as of the day"),
    "affected": _("Sessions that lost their trainer"),
    "age_group": _("Age group"),
    "birth_year": _("Year of birth"),
    "by": _("Decided by"),
    "by_registration": _("Replaced by"),
    "cancellation": _("Cancellation"),
    "cancellation_deadline": _("Cancel without burning a seat until"),
    "capacity": _("Number of seats"),
    "categories": _("For whom"),
    "category": _("Category"),
    "cause": _("Reason"),
    "code": _("Code"),
    "commitment_minutes": _("Hours that are promised"),
    "contact_email": _("E-mail"),
    "course": _("Course"),
    "courses": _("Courses"),
    "description": _("Description"),
    "duration_minutes": _("Length"),
    "email": _("E-mail"),
    "employees": _("Employees"),
    "events": _("What is told"),
    "family_name": _("Family name"),
    "for_titles": _("For the titles"),
    "format": _("Kind of file"),
    "from": _("First day"),
    "gender": _("Gender"),
    "given_name": _("Given name"),
    "grant_amount": _("Grant in kronor"),
    "home_municipality": _("Municipality"),
    "host_municipality": _("Municipality"),
    "language": _("Language"),
    "languages": _("Languages"),
    "late": _("After the last day to cancel"),
    "manager_email": _("The manager's e-mail"),
    "min_participants": _("Least number of people"),
    "moved_from": _("Moved from"),
    "moved_to": _("Moved to"),
    "municipality": _("Municipality"),
    "name": _("Name"),
    "name_by": _("Names at the latest"),
    "named": _("Seats with a name"),
    "needs_qualification": _("Qualification that the trainer needs"),
    "neutral": _("Held against nobody"),
    "note": _("Note"),
    "occasions": _("Days and times"),
    "org_number": _("Organisation number"),
    "participant_id": _("Participant"),
    "participants": _("Number of participants"),
    "period": _("Period"),
    "period_from": _("First day"),
    "period_to": _("Last day"),
    "personal_number_hint": _("Personal number"),
    "phone": _("Phone"),
    "position": _("Place in the queue"),
    "protected_identity": _("Protected identity"),
    "qualifications": _("Qualifications"),
    "reason": _("Reason"),
    "registration": _("Registration"),
    "registration_opens_at": _("Registration opens"),
    "replaces": _("Takes the place of"),
    "required_courses": _("Required courses"),
    "report_kind": _("Report"),
    "requires": _("Courses that must come before"),
    "seat_shares": _("Guaranteed seats"),
    "seats": _("Number of seats"),
    "session": _("Session"),
    "settings": _("Settings"),
    "shares_release_at": _("The seats are guaranteed until"),
    "step": _("Step"),
    "support": _("Support"),
    "term": _("Term"),
    "title": _("Title"),
    "title_sv": _("Title in Swedish"),
    "titles": _("Only for these titles"),
    "to": _("Last day"),
    "trainer_name": _("Name"),
    "trainers": _("Trainers"),
    "url": _("Address"),
    "valid_from": _("In force from"),
    "valid_to": _("Last day of the employment"),
    "venue": _("Venue"),
    "walk_in": _("Came without being registered"),
    "wishes": _("Seats wanted"),
    "workplace": _("Workplace"),
    "employer_org_number": _("Organisation number"),
    "kind": _("Kind of employment"),
    "version": _("Version"),
}

VALUES: Final = {
    "base": _("Base staff"),
    "blackout": _("the workplaces could not spare anybody"),
    "coordinator": _("Project office"),
    "employed": _("Employed"),
    "language_support": _("Language support"),
    "licensed": _("Licensed staff"),
    "man": _("Man"),
    "municipality": _("Municipality"),
    "needs-decision": _("Needs a decision"),
    "non_binary": _("Non-binary person"),
    "other": _("Other"),
    "placement": _("On placement"),
    "replaced": _("Somebody else teaches"),
    "sign_interpreter": _("Sign interpreter"),
    "system": _("kursnav itself"),
    "too-few": _("too few were registered"),
    "trainer-absent": _("the trainer was absent"),
    "unknown": _("Unknown"),
    "venue": _("the venue could not be used"),
    "woman": _("Woman"),
}
"""Values that are codes, whatever the field."""
CODED: Final = frozenset({"by", "categories", "category", "cause", "gender", "kind", "support", "affected"})
"""Fields whose values are such codes."""
UNTOLD: Final = frozenset({"id", "course_title", "periods", "state", "status"})
"""Fields that say nothing to whoever reads, or again what the sentence or another field says."""
