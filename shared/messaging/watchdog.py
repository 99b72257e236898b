"""The progress watchdog: aiokafka can stall silently. Lag without progress makes the service not ready, and it is
restarted.
"""

from dataclasses import dataclass

from shared.clock import Clock


@dataclass
class Watchdog:
    """Watches one service's consumers; `seconds` without progress while there is lag is a stall."""

    clock: Clock
    seconds: float
    _applied: int = -1
    _moved_at: float | None = None

    def seen(self, *, lag: int, applied: int) -> None:
        """Notes the lag and the sum of all applied positions."""
        if lag == 0 or applied != self._applied or self._moved_at is None:
            self._moved_at = self.clock.now().timestamp()
        self._applied = applied

    @property
    def stalled(self) -> bool:
        """True when there was lag and no progress for `seconds`."""
        return self._moved_at is not None and self.clock.now().timestamp() - self._moved_at > self.seconds
