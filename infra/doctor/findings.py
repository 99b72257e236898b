"""What the doctor found: a state of one part, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """`error`: it will not work or not be safe; `warning`: it works, look at it."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's answer; `advice` says what to do and is empty only when all is well."""

    level: Level
    part: str
    text: str
    advice: str = ""


def ok(part: str, text: str) -> Finding:
    return Finding(Level.OK, part, text)


def warning(part: str, text: str, advice: str) -> Finding:
    return Finding(Level.WARNING, part, text, advice)


def error(part: str, text: str, advice: str) -> Finding:
    return Finding(Level.ERROR, part, text, advice)


SKEW_WARNING_SECONDS = 1.0
SKEW_ERROR_SECONDS = 30.0  # access tokens are given this much


def clock(part: str, skew_seconds: float, uncertainty_seconds: float) -> Finding:
    """How far another machine's clock is from ours; `uncertainty_seconds` is what the network may have added."""
    away = abs(skew_seconds) - uncertainty_seconds
    advice = "Let both machines follow the same time servers (chrony or systemd-timesyncd)."
    if away > SKEW_ERROR_SECONDS:
        return error(
            part, f"its clock is {skew_seconds:+.0f} s from ours: tokens and deadlines are judged wrongly", advice
        )
    if away > SKEW_WARNING_SECONDS:
        return warning(part, f"its clock is {skew_seconds:+.1f} s from ours", advice)
    return ok(part, "its clock agrees with ours")
