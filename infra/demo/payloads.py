"""The plan's values as the bodies and files that the HTTP API takes."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from infra.demo.catalogue import (
    COMMITMENT_MINUTES,
    GRANT,
    PROJECT_FROM,
    PROJECT_NAME,
    PROJECT_TO,
    SIGNED_FROM,
    SIMULATION_QUALIFICATION,
    Course,
    Municipality,
    Title,
)
from infra.demo.plan import Answer, Mark, PlannedSession, StaffRow, TrainerPlan
from infra.demo.workdays import Occasion, coming_term

Json = dict[str, Any]


STAFF_COLUMNS = (
    "personal_number",
    "given_name",
    "family_name",
    "email",
    "phone",
    "language",
    "manager_email",
    "workplace",
    "title",
    "category",
    "protected_identity",
    "municipality",
    "valid_from",
)
# How municipalities' systems write a CSV file: encoding and separator.
CSV_DIALECTS = (("utf-8", ","), ("utf-8-sig", ";"), ("cp1252", ";"))


def project(today: date = PROJECT_FROM) -> Json:
    """The project and the settings in force from its first day; prolonged to the end of the next term."""
    settings = {
        "rounding": {"unit_minutes": 1, "mode": "half_up", "per": "occasion"},
        "breaks": "unpaid",
        "illness_neutral": True,
        "signature_required": False,
        "queue_order": "skip_if_too_big",
        "office_email": "projektkontoret@kompetensnavet.example",
    }
    first = PROJECT_FROM.isoformat()
    return {
        "name": PROJECT_NAME,
        "period": {"from": first, "to": _ends_on(today).isoformat()},
        "grant": str(GRANT),
        "commitment_minutes": COMMITMENT_MINUTES,
        "settings": [
            *({"key": key, "value": value, "valid_from": first} for key, value in settings.items()),
            {"key": "signature_required", "value": True, "valid_from": SIGNED_FROM.isoformat()},
        ],
    }


def _ends_on(today: date) -> date:
    return max(PROJECT_TO, coming_term(today)[1])


def municipality(member: Municipality) -> Json:
    """Without minutes: the service divides the project's by employees."""
    return {
        "code": member.code,
        "name": member.name,
        "org_number": member.org_number,
        "employees": member.employees,
        "contact_email": f"utbildning@{_domain(member.code)}",
    }


def title(one: Title) -> Json:
    return {
        "title": one.code,
        "title_sv": one.title_sv,
        "category": one.category,
        "step": one.step,
        "required_courses": list(one.required_courses),
    }


def course(one: Course) -> Json:
    body: Json = {
        "code": one.code,
        "title": one.title,
        "description": f"{one.title}, {one.duration_minutes} minuter",
        "duration_minutes": one.duration_minutes,
        "categories": list(one.categories),
        "requires": list(one.requires),
        "languages": ["sv"],
        "term": one.term,
    }
    return body | ({"needs_qualification": one.needs_qualification} if one.needs_qualification else {})


def trainer(one: TrainerPlan) -> Json:
    body: Json = {
        "name": one.name,
        "email": f"{one.key.lower()}@kompetensnavet.example",
        "home_municipality": one.home_municipality,
        "qualifications": [{"code": SIMULATION_QUALIFICATION, "obtained_on": one.qualified_on.isoformat()}],
        "active_from": one.active_from.isoformat(),
    }
    return body | ({"active_to": one.active_to.isoformat()} if one.active_to else {})


def _domain(municipality_code: str) -> str:
    return f"kommun{municipality_code}.example"


def staff(row: StaffRow) -> Json:
    """One employment as a municipality enters it by hand."""
    person = row.person
    domain = _domain(row.municipality)
    return {
        "personal_number": person.number,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "email": person.email_at(domain),
        "phone": person.phone,
        "language": person.language,
        "manager_email": f"chef@{domain}",
        "workplace": row.workplace,
        "title": row.title_text,
        "category": row.title.category,
        "protected_identity": person.protected,
        "municipality": row.municipality,
        "valid_from": row.valid_from.isoformat(),
    }


def staff_file(rows: Sequence[StaffRow], dialect: int) -> bytes:
    """Several as a CSV file, as the municipality's payroll system writes it."""
    encoding, separator = CSV_DIALECTS[dialect % len(CSV_DIALECTS)]
    text = io.StringIO()
    writer = csv.DictWriter(text, STAFF_COLUMNS, delimiter=separator)
    writer.writeheader()
    for row in rows:
        fields = staff(row)
        writer.writerow(fields | {"protected_identity": str(fields["protected_identity"]).lower()})
    return _encoded(text.getvalue(), encoding)


def _encoded(text: str, encoding: str) -> bytes:
    """Windows-1252 has no ć: a system that meets such a name writes UTF-8."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8-sig")


def session(plan: PlannedSession, trainers: Mapping[str, UUID]) -> Json:
    return {
        "course": plan.course.code,
        "host_municipality": plan.host,
        "venue": plan.venue,
        "capacity": plan.capacity,
        "occasions": [
            {
                "starts_at": occasion.starts_at.isoformat(),
                "ends_at": occasion.ends_at.isoformat(),
                "break_minutes": occasion.break_minutes,
            }
            for occasion in plan.occasions
        ],
        "trainers": [str(trainers[key]) for key in plan.trainers],
        "cancellation_deadline": plan.cancellation_deadline.isoformat(),
        "support": list(plan.support),
        "min_participants": plan.min_participants,
        "seat_shares": dict(plan.seat_shares),
    }


def mark_id(*parts: object) -> UUID:
    """A device makes its own ids; the demo's are the same each time."""
    return uuid5(NAMESPACE_URL, "/".join(str(part) for part in ("kursnav-demo", *parts)))


def mark(mark_id_: UUID, participant: UUID, occasion_id: UUID, what: Mark, on: Occasion, base_version: int) -> Json:
    """A mark, made as the occasion ended."""
    body: Json = {
        "mark_id": str(mark_id_),
        "participant_id": str(participant),
        "occasion_id": str(occasion_id),
        "status": "present" if what.present else "absent",
        "marked_at": (on.ends_at - timedelta(minutes=5)).isoformat(),
        "base_version": base_version,
    }
    times = {"arrived_at": what.arrived_at, "left_at": what.left_at}
    body |= {name: at.isoformat() for name, at in times.items() if at is not None}
    if what.minutes is not None:
        body["minutes"] = what.minutes
    if what.reason is not None:
        body["absence_reason"] = what.reason
    return body


def answer(one: Answer) -> Json:
    return {"helped": one.helped, "confidence": one.confidence, "language_support": one.language_support}
