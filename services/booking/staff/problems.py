"""The refusals about people and their employments, each with what to do."""

from collections.abc import Sequence

from services.booking.staff.people import Employment, Person, only_by_coordinator
from shared.database.unit_of_work import Unit
from shared.security.roles import Role
from shared.web.problems import FieldError, Problem, conflict, invalid, not_found

COORDINATOR_ONLY = {
    "gender": (
        "Könet följer av personnumret och gäller hos alla arbetsgivare. Bara samordnaren ändrar det.",
        "The gender follows from the personal number and holds for every employer. Only the coordinator changes it.",
    ),
    "protected_identity": (
        "Personen har skyddad identitet hos alla arbetsgivare. Bara samordnaren häver den.",
        "The person has a protected identity with every employer. Only the coordinator lifts it.",
    ),
}


def staff_not_found() -> Problem:
    return not_found("Den anställda", "The staff member")


def nobody_has_number() -> Problem:
    return invalid(
        FieldError(
            "/personal_number",
            "unknown-number",
            "Ingen i personalen har det numret. Kontrollera siffrorna.",
            "Nobody of the staff has that number. Check the digits.",
        )
    )


def already_employed(existing: Employment) -> Problem:
    return conflict(
        "already-employed",
        "Personen har redan en anställning i kommunen den tiden. Ändra den, eller avsluta den.",
        "The person already has an employment there at that time. Change it, or end it.",
        staff=str(existing.id),
    )


def other_days() -> Problem:
    return conflict(
        "already-employed",
        "Personen har en annan anställning i kommunen den tiden. Välj andra dagar.",
        "The person has another employment there at that time. Choose other days.",
    )


def beyond_the_caller(unit: Unit, before: Person, after: Person) -> list[FieldError]:
    """What of the person the caller may not change."""
    if unit.role is Role.COORDINATOR:
        return []
    names = only_by_coordinator(before.attributes, after.attributes)
    return [FieldError(f"/{name}", "coordinator-only", *COORDINATOR_ONLY[name]) for name in names]


def require_within_the_caller(unit: Unit, before: Person, after: Person) -> None:
    """Raises 403 `coordinator-only`."""
    errors = beyond_the_caller(unit, before, after)
    if errors:
        raise coordinator_only(errors)


def coordinator_only(errors: Sequence[FieldError]) -> Problem:
    return Problem(
        "coordinator-only",
        403,
        "Uppgifterna hör till personen, inte till anställningen. Utelämna dem, eller be samordnaren ändra dem.",
        "This belongs to the person, not to the employment. Leave it out, or ask the coordinator.",
        errors,
    )


def before_its_start() -> FieldError:
    return FieldError(
        "/valid_to",
        "before-its-start",
        "Anställningen kan inte sluta innan den börjar.",
        "The employment cannot end before it begins.",
    )
