"""What is said of an occasion that cannot be meant."""

from shared.web.problems import FieldError


def unknown_occasion(pointer: str = "/occasion_id") -> FieldError:
    """The occasion belongs to another session, or was taken away."""
    return FieldError(
        pointer,
        "unknown-occasion",
        "Datumtillfället hör inte till kurstillfället.",
        "The occasion is not one of this session.",
    )
