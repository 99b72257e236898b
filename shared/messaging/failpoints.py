"""Named places where a test can kill the process, as a power cut would. Outside tests a failpoint is one comparison.

Set `KURSNAV_FAILPOINT=<name>` (or `<name>:<n>` for the n-th passage). Refused in production.
"""

import os
import signal
from enum import StrEnum


class Failpoint(StrEnum):
    """The places of architecture.md, "Failpoints for the kill tests"."""

    BEFORE_COMMIT = "before-commit"
    AFTER_COMMIT_BEFORE_WAKE = "after-commit-before-wake"
    AFTER_SEND_BEFORE_ACKNOWLEDGEMENT = "after-send-before-acknowledgement"
    AFTER_ACKNOWLEDGEMENT_BEFORE_MARK = "after-acknowledgement-before-mark"
    AFTER_INBOX = "after-inbox"
    AFTER_EFFECT_BEFORE_COMMIT = "after-effect-before-commit"
    AFTER_COMMIT_BEFORE_OFFSET = "after-commit-before-offset"
    DURING_DEAD_LETTER = "during-dead-letter"
    DURING_LEASE_RENEWAL = "during-lease-renewal"
    BEFORE_COMPARE = "before-compare"  # a projection is loaded, not yet compared with the live one
    DURING_SWAP = "during-swap"
    AFTER_SWAP_BEFORE_DROP = "after-swap-before-drop"


_armed, _, _count = os.environ.get("KURSNAV_FAILPOINT", "").partition(":")
_passages_left = int(_count or 1)

if _armed and os.environ.get("KURSNAV_ENVIRONMENT") != "development":
    raise SystemExit("KURSNAV_FAILPOINT kills this process on purpose and is refused outside development: unset it")
if _armed and _armed not in set(Failpoint):
    raise SystemExit(f"KURSNAV_FAILPOINT={_armed} is unknown: use one of {', '.join(Failpoint)}")


def reach(point: Failpoint) -> None:
    """Kills this process at once if the test armed this place."""
    global _passages_left
    if point != _armed:
        return
    _passages_left -= 1
    if _passages_left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
