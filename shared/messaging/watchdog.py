"""The progress watchdog: aiokafka can stall silently. Lag without progress makes the service not ready, and
`kursnav serve` ends the process so that it is started again.
"""

from dataclasses import dataclass

from shared.clock import Clock


@dataclass
class Watchdog:
    """Watches one service's consumers; `seconds` without progress while there is lag is a stall."""

    clock: Clock
    seconds: float
    _applied: int = -1
    _moved_at: float = 0.0
    _seen_at: float = 0.0

    def seen(self, *, lag: int, applied: int) -> None:
        """Notes the lag and the sum of all applied positions."""
        self._seen_at = self.clock.now().timestamp()
        if lag == 0 or applied != self._applied:
            self._moved_at = self._seen_at
        self._applied = applied

    @property
    def stalled(self) -> bool:
        """True when lag and no progress were seen over `seconds`.

        While nothing can be seen, because broker or database are away, starting again would not help.
        """
        return self._seen_at - self._moved_at >= self.seconds
