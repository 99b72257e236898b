"""Codes that are no courses are named by their places, however many there are."""

from services.booking.catalogue.change_course import unknown_courses


class Code(str):
    """A code that counts how often it is compared with another."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Code.compared += 1
        return super().__eq__(other)

    __hash__ = str.__hash__


def test_each_is_named_by_its_place() -> None:
    errors = unknown_courses("/requires", ["X", "A", "Y"], {"A": []})
    assert [(error.pointer, "X" in error.en) for error in errors] == [("/requires/0", True), ("/requires/2", False)]


def test_a_long_list_is_gone_through_once() -> None:
    """To look for the place of each from the front took half a minute for 40,000, and everybody waited."""
    codes = [Code(f"X{number}") for number in range(500)]
    Code.compared = 0
    assert len(unknown_courses("/requires", codes, {})) == 500
    assert Code.compared < 5000
