"""The funder's age groups."""

from shared.contracts.participants_v1 import AgeGroup


def age_group(age: int) -> AgeGroup:
    """The group of an age in whole years, as years are counted: year of the event minus year of birth."""
    if age < 18:
        return "under_18"
    if age < 30:
        return "18_29"
    return "30_54" if age < 55 else "55_plus"
