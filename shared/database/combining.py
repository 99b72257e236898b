"""Requests that share a transaction: what arrives while one is under way is handled together by the next.

One lane per process and kind of request. Nobody waits for company: a request alone goes its own way at once and holds
the lane meanwhile; those who come in that time go together afterwards. Whoever stands in the way of somebody else's
transaction comes again in a moment, and then goes alone.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Generic, TypeAlias, TypeVar

import structlog
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared.database.errors import is_transient

log = structlog.get_logger(__name__)

MOST: Final = 64
"""Requests in one transaction, or fewer that weigh more: else the first of them would wait long for the last."""
ALONE_SECONDS: Final = 0.25
"""For which a request alone holds the lane at most: one that waits for a lock is not to hold up the others."""
TOGETHER_SECONDS: Final = 1.0
"""For which a batch does: afterwards the next one runs beside it."""
LONGEST_WAIT_SECONDS: Final = 3.0
"""As long as one alone waits for a connection. Who leaves does not stop a request, so that while the database stands
still more and more would wait, and be booked long after anybody listens.
"""
PAUSES: Final = (0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)
"""In seconds, before whoever stands in the way of another transaction comes again. If all of them went alone at once,
they would stand in each other's way, and in that of the next batch.
"""


CALM_SECONDS: Final = 0.1
"""Without a batch, before nobody counts as waiting any more: those who were just answered may ask again."""
LONGEST_PAUSE_SECONDS: Final = 5.0
"""For which work behind the requests lets them pass: afterwards it does a part, however many still come."""
LOOK_SECONDS: Final = 0.02


class Fate(Enum):
    """What becomes of a request that the batch did not answer."""

    ALONE = "goes alone"
    AGAIN = "comes again with a later batch, a few times, and then goes alone"


class _Hold:
    """Somebody has the lane, for so long at most: also when the holder is no more."""

    def __init__(self, seconds: float, ends: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, ends)

    def cancel(self) -> None:
        self._timer.cancel()


T = TypeVar("T")
R = TypeVar("R")
Outcome: TypeAlias = R | Exception | Fate


@dataclass(eq=False)
class _Waiting(Generic[T, R]):
    item: T
    turn: "asyncio.Future[R | Fate | _Hold]"
    tries: int = 0
    since: float = field(default_factory=time.monotonic)


class Lane(Generic[T, R]):
    """`handle` answers a batch in one transaction, one outcome each in order. When it raises, nothing was written: each
    of the batch goes alone.
    """

    def __init__(
        self,
        handle: Callable[[Sequence[T]], Awaitable[Sequence[Outcome[R]]]],
        weight: Callable[[T], int] = lambda _: 1,
        patience: float = LONGEST_WAIT_SECONDS,
    ) -> None:
        self._handle = handle
        self._weight = weight
        self._patience = patience
        self._queue: deque[_Waiting[T, R]] = deque()
        self._hold: _Hold | None = None
        self._batches: set[asyncio.Task[None]] = set()
        self._behind: dict[asyncio.Future[None], None] = {}  # in the order they came
        self._crowded_until = 0.0

    @property
    def crowded(self) -> bool:
        """Whether several share a transaction, or just did."""
        return time.monotonic() < self._crowded_until

    @property
    def gathering(self) -> bool:
        """Whether several share a transaction, or somebody waits for the next one."""
        return bool(self._batches or self._queue)

    async def go_behind(self, longest: float) -> None:
        """Returns once all who wait in the lane are served, at the latest after so many seconds: for requests that
        would take time from more urgent ones. Who came first goes on first.
        """
        if not self.gathering:
            return
        served = asyncio.get_running_loop().create_future()
        self._behind[served] = None
        try:
            await asyncio.wait([served], timeout=longest)
        finally:
            del self._behind[served]

    async def take(self, item: T, alone: Callable[[], Awaitable[R]]) -> R:
        """The answer to a request, which `alone` would give too. Raises what the batch says of it."""
        if self._hold is None:
            return await self._holding(self._held(ALONE_SECONDS), alone)
        waiting: _Waiting[T, R] = _Waiting(item, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        turn = await waiting.turn
        if isinstance(turn, _Hold):
            return await self._holding(turn, alone)
        return await alone() if isinstance(turn, Fate) else turn

    async def _holding(self, hold: _Hold, alone: Callable[[], Awaitable[R]]) -> R:
        try:
            return await alone()
        finally:
            self._release(hold)

    def _held(self, seconds: float) -> _Hold:
        self._hold = _Hold(seconds, self._next)
        return self._hold

    def _release(self, hold: _Hold) -> None:
        """Does nothing for a hold that lasted too long: the lane is somebody else's by now."""
        hold.cancel()
        if self._hold is hold:
            self._next()

    def _next(self) -> None:
        self._hold = None
        batch: list[_Waiting[T, R]] = []
        room = MOST
        while self._queue and (not batch or self._weight(self._queue[0].item) <= room):
            waiting = self._queue.popleft()
            if time.monotonic() - waiting.since > self._patience:
                _tell(waiting, PoolTimeout("it waited too long for its turn"))
            elif not waiting.turn.done():  # its caller has not left meanwhile
                batch.append(waiting)
                room -= self._weight(waiting.item)
        if len(batch) == 1:
            batch[0].turn.set_result(self._held(ALONE_SECONDS))
        elif batch:
            self._crowded_until = time.monotonic() + TOGETHER_SECONDS
            task = asyncio.get_running_loop().create_task(self._run(batch, self._held(TOGETHER_SECONDS)))
            self._batches.add(task)
            task.add_done_callback(self._ended)
        self._let_on()

    def _ended(self, batch: asyncio.Task[None]) -> None:
        self._batches.discard(batch)
        self._let_on()

    def _let_on(self) -> None:
        if not self.gathering:
            for served in self._behind:
                if not served.done():  # it was let on before, and has not run since
                    served.set_result(None)

    async def _run(self, batch: Sequence[_Waiting[T, R]], hold: _Hold) -> None:
        try:
            outcomes = await self._handle([waiting.item for waiting in batch])
        except Exception as error:
            passing = is_transient(error)
            name, shown = type(error).__name__, None if passing else error
            log.warning("batch_goes_alone", requests=len(batch), error=name, exc_info=shown)
            outcomes = [Fate.ALONE] * len(batch)
        except BaseException:  # the process ends: whether it was written nobody knows, so nothing is made again
            for waiting in batch:
                waiting.turn.cancel()
            raise
        if len(outcomes) != len(batch):  # written it may be, and whose is whose nobody knows
            outcomes = [RuntimeError(f"{len(outcomes)} outcomes of {len(batch)} requests")] * len(batch)
        told = list(zip(batch, outcomes, strict=True))
        again = [waiting for waiting, outcome in told if outcome is Fate.AGAIN and waiting.tries < len(PAUSES)]
        for waiting, outcome in told:
            if waiting not in again:
                _tell(waiting, outcome)
        if again:
            pause = PAUSES[min(waiting.tries for waiting in again)]
            asyncio.get_running_loop().call_later(pause, self._again, again)
        self._crowded_until = time.monotonic() + CALM_SECONDS
        self._release(hold)  # which may begin the next

    def _again(self, those: Sequence[_Waiting[T, R]]) -> None:
        """In front of those who came later."""
        for waiting in those:
            waiting.tries += 1
        self._queue.extendleft(reversed(those))
        if self._hold is None:
            self._next()


async def let_pass(lanes: Mapping[str, Lane[Any, Any]], others: Callable[[], bool] = lambda: False) -> None:
    """Returns once nobody crowds the lanes and no `others` are to go before, at the latest after
    `LONGEST_PAUSE_SECONDS`: for what follows from requests and can wait longer than they can.
    """
    deadline = time.monotonic() + LONGEST_PAUSE_SECONDS
    while time.monotonic() < deadline and (others() or any(lane.crowded for lane in lanes.values())):  # noqa: ASYNC110 # of many lanes
        await asyncio.sleep(LOOK_SECONDS)


def _tell(waiting: _Waiting[T, R], outcome: Outcome[R]) -> None:
    if waiting.turn.done():
        return  # its caller has left meanwhile
    if isinstance(outcome, Exception):
        waiting.turn.set_exception(outcome)
    else:
        waiting.turn.set_result(outcome)
