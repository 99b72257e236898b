"""A report of realistic size and values, for the tests of the formats. Made from the public yearly report's totals."""

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from services.reporting.reports.content import Content, Json, Order
from services.reporting.reports.formats.render_xlsx import CreditedMinutes

EMPLOYEES = {
    "1814": ("Lekeberg", 350, 0.21),
    "1860": ("Laxå", 290, 0.61),
    "1861": ("Hallsberg", 640, 0.04),
    "1862": ("Degerfors", 430, 0.18),
    "1863": ("Hällefors", 360, 1.11),
    "1864": ("Ljusnarsberg", 240, 0.33),
    "1880": ("Örebro", 5600, 0.19),
    "1881": ("Kumla", 900, 0.14),
    "1882": ("Askersund", 500, 0.56),
    "1883": ("Karlskoga", 1100, 0.22),
    "1884": ("Nora", 460, 0.31),
    "1885": ("Lindesberg", 1000, 0.12),
}
COURSES = {
    "TR1": "Trygg i rollen steg 1",
    "FOT": "Förflyttningsteknik",
    "AKUT": "Akut sjuk vårdtagare",
    "SBAR": "Kommunikation enligt SBAR",
    "HYG": "Basal hygien",
    "NUT": "Mat och munhälsa",
    "DEM": "Bemötande vid demenssjukdom",
    "FALL": "Fallprevention",
    "DIA": "Diabetes i vardagen",
    "VSL": "Vård i livets slut",
}
ORDER = Order(
    id="01936f2e-0000-7000-8000-000000000001",
    kind="progress",
    version=2,
    supersedes="01936f2e-0000-7000-8000-000000000000",
    period="2025",
    municipality=None,
    language="sv",
    texts={
        "Projektledarens kommentar": "Året har präglats av **högt tryck** på grundkurserna.\n\n"
        "- Tre utbildningsledare slutade.\n"
        "- Sju börjar *2026*.\n\nSe [projektets sida](https://example.org/projekt) och `SBAR` <b>inte html</b>."
    },
    created_at="2026-01-19T08:30:00+00:00",
    cut_off={
        "kursnav.booking.v1": {"0": 1204, "1": 980, "10": 5},
        "kursnav.attendance.v1": {"0": 3310, "1": 2987},
        "kursnav.catalogue.v1": {"0": 44},
        "kursnav.participants.v1": {"0": 1834},
        "kursnav.surveys.v1": {"0": 411},
    },
)

SURVEYS = {
    "participant": {
        "invited": 4180,
        "answered": 2911,
        "helped": {"n": 2911, "high": 1504, "fairly_high": 1029, "share": 0.8702},
        "confidence": {"n": 2890, "mean": 4.6012},
        "language_support": {"needed": 214, "fully": 160, "partly": 54, "no": 0, "share": 1.0},
    },
    "manager": {
        "invited": 210,
        "answered": 40,
        "questions": {"works_better": {"n": 40, "values": {"4": 30, "5": 10}, "mean": 4.25}},
    },
}
UNIQUE = {
    "total": 1834,
    "by_gender": {"woman": 1553, "man": 281, "non_binary": 0, "unknown": 0},
    "by_age": {"under_18": 2, "18_29": 402, "30_54": 1020, "55_plus": 409, "unknown": 1},
    "by_municipality": {code: 100 + count // 10 for code, (_, count, _) in EMPLOYEES.items()},
}


def fraction(part: int, whole: int) -> float:
    """A share as the API states it: four decimals, half up."""
    return float((Decimal(part) / whole).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP))


def cofinancing() -> Json:
    total = 42_000 * 60
    employees = sum(count for _, count, _ in EMPLOYEES.values())
    municipalities: list[Json] = []
    for code, (name, count, share) in EMPLOYEES.items():
        commitment = total * count // employees
        attested = int(commitment * share)
        municipalities.append(
            {
                "code": code,
                "name": name,
                "commitment_minutes": commitment,
                "attested_minutes": attested,
                "claimable_minutes": attested - 37,
                "attainment": fraction(attested, commitment),
                "forecast": {
                    "at_end": fraction(attested * 5 // 2, commitment),
                    "low": fraction(attested + 300, commitment),
                    "high": fraction(attested * 3, commitment),
                },
                "to_close_gap_minutes": max(0, commitment - attested * 5 // 2),
            }
        )
    commitment = sum(each["commitment_minutes"] for each in municipalities)
    attested = sum(each["attested_minutes"] for each in municipalities) + 360
    claimable = sum(each["claimable_minutes"] for each in municipalities)
    return {
        "project": {
            "commitment_minutes": commitment,
            "attested_minutes": attested,
            "claimable_minutes": claimable,
            "attainment": fraction(attested, commitment),
            "unmatched_minutes": 360,
        },
        "municipalities": municipalities,
    }


def participations() -> Json:
    by_course = dict(zip(COURSES, (812, 640, 455, 391, 702, 288, 240, 310, 198, 144), strict=True))
    total = sum(by_course.values())
    return {
        "total": total,
        "by_category": {"base": total - 900, "licensed": 500, "other": 400},
        "by_title": {
            "assistant_nurse": total - 1000,
            "support_assistant": 500,
            "nurse": 400,
            "care_assistant": 99,
            "Boendestödjare": 1,
        },
        "by_course": by_course,
        "by_municipality": {code: 200 + count // 10 for code, (_, count, _) in EMPLOYEES.items()},
    }


def figures(attested: int) -> Json:
    return {
        "period": {"from": "2025-01-01", "to": "2025-12-31"},
        "cut_off": ORDER.cut_off,
        "data_as_of": "2026-01-18T21:12:00+00:00",
        "suppressed": [],
        "unique_participants": UNIQUE,
        "participations": participations(),
        "sessions": {
            "held": 148,
            "cancelled": 9,
            "cancelled_by_cause": {"trainer-absent": 6, "too-few": 2, "venue": 1},
            "courses_offered": 10,
        },
        "seats": {
            "offered": 4736,
            "confirmed": 4402,
            "cancelled_in_time": 310,
            "cancelled_late": 122,
            "no_show": 222,
            "walk_in": 41,
            "fill_rate": 0.8826,
        },
        "minutes": {
            "scheduled": attested + 41_000,
            "attended": attested + 1_234,
            "attested": attested,
            "unmatched_minutes": 360,
            "signed": 0,
            "claimable": attested - 444,
            "lost_to_rounding": 444,
        },
        "surveys": SURVEYS,
        "trainers": {"qualified": {"KlinSim1": 20}, "starting_later": 7, "left": 3},
        "approximate": {"head_counts": 36},
    }


def content() -> Content:
    stated = cofinancing()
    attested = stated["project"]["attested_minutes"]
    parts = (2, 6, 11, 9, 12, 4, 0, 5, 14, 15, 16)
    months = [{"month": f"2025-{month:02}", "attested": attested * part // 100} for month, part in enumerate(parts, 1)]
    months.append({"month": "2025-12", "attested": attested - sum(each["attested"] for each in months)})
    names = {
        "project": "Kompetensnavet",
        "courses": COURSES,
        "municipalities": {code: each[0] for code, each in EMPLOYEES.items()},
    }
    return Content(
        ORDER,
        "2026-01-18T21:12:00+00:00",
        {
            "figures": 2,
            "rounding": [
                {"value": {"unit_minutes": 15, "mode": "down", "per": "person_month"}, "valid_from": "2025-01-01"}
            ],
            "signature_required": [{"value": False, "valid_from": "2025-01-01"}],
        },
        14_210,
        "ab" * 32,
        figures(attested),
        stated,
        months,
        names,
    )


def content_in(language: str) -> Content:
    whole = content()
    return replace(whole, order=replace(whole.order, language=language, texts=dict(whole.order.texts)))


def credited() -> list[CreditedMinutes]:
    """Some rows of the sheet of input rows, in no order."""
    return [
        CreditedMinutes(date(2025, 1 + number % 12, 3), "TR1", f"s{number % 3}", "o", f"p{number}", "1884", 60 + number)
        for number in range(20)
    ]
