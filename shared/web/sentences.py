"""What is wrong with a field, in Swedish; in English the library's own sentences stand."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticCustomError

_DAY = "Skriv en dag som 2025-03-01."
_TIME = "Skriv en tidpunkt med tidszon, som 2025-03-01T09:00:00+01:00."
_WHOLE, _NUMBER, _TRUTH = "Ska vara ett heltal.", "Ska vara ett tal.", "Ska vara true eller false."
_OBJECT = "Ska vara ett objekt med fält."

SWEDISH: Mapping[str, str] = {
    "missing": "Fältet saknas.",
    "extra_forbidden": "Fältet finns inte. Kontrollera stavningen.",
    "none_required": "Ska vara null.",
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dict_type": _OBJECT,
    "list_type": "Ska vara en lista.",
    "tuple_type": "Ska vara en lista.",
    "set_type": "Ska vara en lista.",
    "string_type": "Ska vara text.",
    "string_unicode": "Texten har tecken som inte går att läsa.",
    "string_too_short": "Texten är för kort: minst {min_length} tecken.",
    "string_too_long": "Texten är för lång: högst {max_length} tecken.",
    "string_pattern_mismatch": "Texten har fel form eller tecken som inte får stå här.",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": "Talet är för stort.",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": "Ska vara ett ändligt tal.",
    "multiple_of": "Ska vara en multipel av {multiple_of}.",
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "decimal_max_digits": "Talet har för många siffror.",
    "decimal_max_places": "Talet har för många decimaler: högst {decimal_places}.",
    "decimal_whole_digits": "Talet är för stort.",
    "uuid_type": "Ska vara ett UUID.",
    "uuid_parsing": "Ska vara ett UUID.",
    "uuid_version": "Ska vara ett UUID.",
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_object_invalid": _TIME,
    "datetime_from_date_parsing": _TIME,
    "timezone_aware": _TIME,
    "literal_error": "Värdet är inte ett av de tillåtna.",
    "enum": "Värdet är inte ett av de tillåtna.",
    "greater_than": "Värdet är för litet: det ska vara över {gt}.",
    "greater_than_equal": "Värdet är för litet: minst {ge}.",
    "less_than": "Värdet är för stort: det ska vara under {lt}.",
    "less_than_equal": "Värdet är för stort: högst {le}.",
    "too_short": "Listan är för kort: minst {min_length}.",
    "too_long": "Listan är för lång: högst {max_length}.",
}
OTHERWISE = "Värdet går inte att använda. Jämför med beskrivningen av anropet."


def wrong(code: str, sv: str, en: str, *, at: str | None = None) -> PydanticCustomError:
    """What a validator of ours raises: its code, and the sentence in both languages. `at`: the field to mend, said by a
    validator of the whole body, which has no place of its own.
    """
    return PydanticCustomError(code, "{en}", {"sv": sv, "en": en, "at": at})


def swedish(kind: str, context: Mapping[str, Any]) -> str:
    """The sentence for a kind of fault; never another language's."""
    if "sv" in context:
        return str(context["sv"])
    try:
        return SWEDISH.get(kind, OTHERWISE).format_map(context)
    except KeyError:
        return OTHERWISE
