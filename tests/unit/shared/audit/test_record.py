"""What the audit keeps of a write."""

from shared.audit.record import differences


def test_only_what_differs_is_kept() -> None:
    assert differences({"title": "a", "step": 1}, {"title": "b", "step": 1}) == ({"title": "a"}, {"title": "b"})


def test_contact_data_are_seen_to_change_but_not_shown() -> None:
    before, after = differences({"email": "a@b.se", "phone": None}, {"email": "c@d.se", "phone": "070"})
    assert before == {"email": "(contact data)", "phone": None}
    assert after == {"email": "(contact data)", "phone": "(contact data)"}


def test_a_new_row_is_kept_whole() -> None:
    assert differences(None, {"title": "b"}) == (None, {"title": "b"})
