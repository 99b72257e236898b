"""The project's dated settings."""

from datetime import date
from typing import Any

import pytest

from services.booking.catalogue.project_settings import DEFAULTS, Setting, expected, in_force, is_known, with_defaults

START = date(2025, 1, 1)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rounding", {"unit_minutes": 15, "mode": "half_even", "per": "occasion"}),
        ("breaks", "counted"),
        ("invite_within_days", 0),
        ("signature_required", True),
        ("signing_window_days", 30),
        ("queue_order", "skip_if_too_big"),
        ("illness_neutral", False),
        ("prerequisite_min_share", 0.75),
        ("prerequisite_min_share", 1),
        ("unit_cost", "312.50"),
        ("unit_cost", None),
        ("promotion_stops_hours", 0),
        ("reminder_hours", [72, 24, 1]),
        ("reminder_hours", []),
        ("office_email", "kontor@kompetensnavet.example"),
        ("office_email", None),
        ("retention.evidence_until", "2038-12-31"),
        ("retention.support_days", 14),
        ("retention.contact_days", 0),
        ("retention.mail_days", 30),
        ("retention.audit_days", 3650),
        ("retention.backup_days", 35),
    ],
)
def test_a_value_of_the_right_form_is_taken(key: str, value: Any) -> None:
    assert is_known(key)
    assert expected(key, value) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("rounding", {"unit_minutes": 0, "mode": "half_up", "per": "occasion"}),
        ("rounding", {"unit_minutes": 15, "mode": "nearest", "per": "occasion"}),
        ("rounding", {"unit_minutes": 15, "mode": "half_up"}),
        ("rounding", "half_up"),
        ("breaks", "some"),
        ("invite_within_days", -1),
        ("invite_within_days", True),
        ("signature_required", "yes"),
        ("signing_window_days", 0),
        ("queue_order", ["strict"]),
        ("prerequisite_min_share", 1.01),
        ("prerequisite_min_share", "0.8"),
        ("unit_cost", 312.5),
        ("unit_cost", "312,50"),
        ("promotion_stops_hours", 1.5),
        ("reminder_hours", 24),
        ("reminder_hours", [24, 24]),
        ("reminder_hours", [0]),
        ("reminder_hours", [True]),
        ("reminder_hours", ["24"]),
        ("reminder_hours", list(range(1, 12))),
        ("office_email", "kontoret"),
        ("office_email", "a@b.se, c@d.se "),
        ("retention.evidence_until", "soon"),
        ("retention.evidence_until", "P10Y"),
        ("retention.evidence_until", "20381231"),
        ("retention.evidence_until", "2038-02-30"),
        ("retention.evidence_until", 3650),
        ("retention.support_days", "14"),
        ("retention.audit_days", -1),
    ],
)
def test_a_value_of_the_wrong_form_is_told_the_right_one(key: str, value: Any) -> None:
    assert expected(key, value)


@pytest.mark.parametrize("key", ["roundings", "retention", "retention.evidence", "retention.x_days", "Rounding", ""])
def test_there_are_no_other_settings(key: str) -> None:
    assert not is_known(key)


def test_the_last_value_that_began_holds() -> None:
    settings = [Setting("breaks", "counted", date(2025, 7, 1)), Setting("breaks", "unpaid", START)]
    assert in_force(settings, "breaks", date(2025, 6, 30)) == "unpaid"
    assert in_force(settings, "breaks", date(2025, 7, 1)) == "counted"


def test_before_the_first_value_the_default_holds() -> None:
    assert in_force([Setting("queue_order", "skip_if_too_big", date(2025, 7, 1))], "queue_order", START) == "strict"


def test_the_defaults_are_those_of_the_contract() -> None:
    assert DEFAULTS == {
        "rounding": {"unit_minutes": 1, "mode": "half_up", "per": "occasion"},
        "breaks": "unpaid",
        "invite_within_days": 14,
        "signature_required": False,
        "signing_window_days": 60,
        "queue_order": "strict",
        "promotion_stops_hours": 12,
        "reminder_hours": [168, 24],
        "illness_neutral": True,
        "prerequisite_min_share": 0.8,
        "unit_cost": None,
        "office_email": None,
    }


def test_every_default_is_a_value_of_its_setting() -> None:
    assert all(expected(key, value) is None for key, value in DEFAULTS.items())


def test_what_is_published_needs_no_knowledge_of_the_defaults() -> None:
    entered = [Setting("breaks", "counted", START), Setting("queue_order", "skip_if_too_big", date(2026, 1, 1))]
    shown = with_defaults(entered, START)
    assert {key: in_force(shown, key, START) for key in DEFAULTS} == {**DEFAULTS, "breaks": "counted"}
    assert [setting.key for setting in shown].count("breaks") == 1
