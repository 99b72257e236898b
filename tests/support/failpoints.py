"""Named places where a test kills a process, as a power cut would. Production knows none of them: whoever is armed
finds a call replaced by one that kills, `python -m tests.support.failpoints <place> serve booking`.

`<place>:<n>` means the n-th passage.
"""

import os
import pkgutil
import signal
import sys
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from shared.messaging.delivery import Delivery, Stage

Call = Callable[..., Any]
Moment = Callable[[Call, Callable[[], None]], Call]


class Failpoint(StrEnum):
    BEFORE_COMMIT = "before-commit"
    AFTER_COMMIT_BEFORE_WAKE = "after-commit-before-wake"
    AFTER_SEND_BEFORE_ACKNOWLEDGEMENT = "after-send-before-acknowledgement"
    AFTER_ACKNOWLEDGEMENT_BEFORE_MARK = "after-acknowledgement-before-mark"
    AFTER_INBOX = "after-inbox"
    AFTER_EFFECT_BEFORE_COMMIT = "after-effect-before-commit"
    AFTER_COMMIT_BEFORE_OFFSET = "after-commit-before-offset"
    DURING_DEAD_LETTER = "during-dead-letter"
    DURING_LEASE_RENEWAL = "during-lease-renewal"
    BEFORE_MAIL = "before-mail"
    AFTER_MAIL_BEFORE_COMMIT = "after-mail-before-commit"  # the mail server has said yes
    BEFORE_COMPARE = "before-compare"  # a projection is loaded, not yet compared with the live one
    DURING_SWAP = "during-swap"
    AFTER_SWAP_BEFORE_DROP = "after-swap-before-drop"


def before(call: Call, reach: Callable[[], None]) -> Call:
    @wraps(call)
    def dies(*given: Any, **named: Any) -> Any:
        reach()
        return call(*given, **named)

    return dies


def after(call: Call, reach: Callable[[], None]) -> Call:
    @wraps(call)
    async def dies(*given: Any, **named: Any) -> Any:
        result = await call(*given, **named)
        reach()
        return result

    return dies


def after_some(call: Call, reach: Callable[[], None]) -> Call:
    """Unless it returns 0: a service looks after itself all the time, and publishes nothing by that."""

    @wraps(call)
    async def dies(*given: Any, **named: Any) -> Any:
        if result := await call(*given, **named):
            reach()
        return result

    return dies


def after_the_line(build: Call, reach: Callable[[], None]) -> Call:
    """The pipeline that `build` returns has done all it does."""

    @wraps(build)
    def built(*given: Any) -> Stage:
        line: Stage = build(*given)

        async def stage(delivery: Delivery) -> None:
            await line(delivery)
            reach()

        return stage

    return built


PLACES: dict[Failpoint, tuple[str, str, Moment]] = {
    Failpoint.BEFORE_COMMIT: ("shared.database.unit_of_work:Unit", "flush", after_some),
    Failpoint.AFTER_COMMIT_BEFORE_WAKE: ("shared.messaging.relay:Relay", "wake", before),
    Failpoint.AFTER_SEND_BEFORE_ACKNOWLEDGEMENT: ("shared.messaging.sending:Batches", "hand_over", after),
    Failpoint.AFTER_ACKNOWLEDGEMENT_BEFORE_MARK: ("shared.messaging.relay:Relay", "_delete", before),
    Failpoint.AFTER_INBOX: ("shared.messaging.inbox", "new_events", after),
    Failpoint.AFTER_EFFECT_BEFORE_COMMIT: ("shared.messaging.inbox", "advance", after),
    Failpoint.AFTER_COMMIT_BEFORE_OFFSET: ("shared.messaging.pipeline:Pipeline", "build", after_the_line),
    Failpoint.DURING_DEAD_LETTER: ("shared.messaging.dead_letters", "bury", after),
    Failpoint.DURING_LEASE_RENEWAL: ("shared.messaging.lease:Lease", "renew", before),
    Failpoint.BEFORE_MAIL: ("shared.mail.server:Connection", "send", before),
    Failpoint.AFTER_MAIL_BEFORE_COMMIT: ("shared.mail.server:Connection", "send", after),
    Failpoint.BEFORE_COMPARE: ("services.reporting.rebuild.run", "_compare", before),
    Failpoint.DURING_SWAP: ("services.reporting.rebuild.run", "swap", after),
    Failpoint.AFTER_SWAP_BEFORE_DROP: ("services.reporting.rebuild.run:Rebuild", "_swap", after),
}


def arm(failpoint: str) -> None:
    """From here on this process kills itself there."""
    name, _, count = failpoint.partition(":")
    left = int(count or 1)

    def reach() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    owner, call, moment = found(Failpoint(name))
    setattr(owner, call, moment(getattr(owner, call), reach))


def found(failpoint: Failpoint) -> tuple[Any, str, Moment]:
    """The module or class that has the call, its name, and when it kills."""
    path, call, moment = PLACES[failpoint]
    return pkgutil.resolve_name(path), call, moment


def armed(failpoint: str, *arguments: str) -> tuple[str, ...]:
    """The command line of a kursnav command that kills itself there."""
    return (sys.executable, "-m", "tests.support.failpoints", failpoint, *arguments)


if __name__ == "__main__":
    from shared import collector

    collector.rest()
    from infra.cli import app

    arm(sys.argv.pop(1))
    app()
