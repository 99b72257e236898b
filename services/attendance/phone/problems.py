"""The refusals of phones, each with what to do."""

from shared.web.problems import FieldError, Problem, forbidden, invalid


def noted_by_another() -> Problem:
    """403: what one trainer noted is not sent in another's name."""
    return forbidden(
        "Det här noterades av en annan utbildningsledare. Den som noterade det loggar in och skickar det.",
        "Another trainer noted this. Whoever did has to sign in and send it.",
    )


def no_file_of_a_phone() -> Problem:
    """422 for a file that the phone page did not write."""
    return invalid(
        FieldError(
            "/file",
            "not-a-phone-file",
            "Välj filen som utbildningsledaren sparade i telefonen (markningar-….json), oförändrad.",
            "Choose the file that the trainer saved in the phone (markningar-….json), unchanged.",
        )
    )
