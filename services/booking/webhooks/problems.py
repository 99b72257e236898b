"""What calls about webhooks refuse by."""

from shared.web.problems import FieldError, Problem, conflict, invalid, not_found

MOST_REPLAYED = 10_000


def webhook_missing() -> Problem:
    return not_found("Webhooken", "The webhook")


def delivery_missing() -> Problem:
    return not_found("Leveransen", "The delivery")


def private_address() -> Problem:
    return Problem(
        "private-address",
        422,
        "Adressen leder till ett privat nät. Ange en som går att nå från internet.",
        "The address leads into a private network. Give one that can be reached from the internet.",
        [FieldError("/url", "private-address", "Adressen är privat.", "The address is private.")],
    )


def unusable_url(code: str) -> Problem:
    """422: not https, no host, or a host that nobody knows."""
    sv, en = {
        "https-only": ("Adressen ska börja med https://.", "The address must begin with https://."),
        "unknown-host": (
            "Värdnamnet finns inte. Kontrollera stavningen.",
            "There is no such host. Check its spelling.",
        ),
    }.get(
        code,
        (
            "Ange en adress som https://hr.example.se/kursnav, utan inloggning och utan #.",
            "Give an address like https://hr.example.se/kursnav, without login and without #.",
        ),
    )
    return invalid(FieldError("/url", code, sv, en))


def webhook_disabled() -> Problem:
    return conflict(
        "webhook-disabled",
        "Mottagaren har svarat 410 och får inget mer. Lägg upp en ny webhook.",
        "The receiver has answered 410 and gets nothing more. Make a new webhook.",
    )


def too_many_to_replay() -> Problem:
    return invalid(
        FieldError(
            "/since",
            "too-many",
            f"Högst {MOST_REPLAYED} leveranser åt gången. Ange en senare tid.",
            f"At most {MOST_REPLAYED} deliveries at a time. Give a later time.",
        )
    )
