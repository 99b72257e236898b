"""Python's garbage collector in a process that takes events by the hundred, or makes a report of many rows.

Counting references frees nearly everything; the collector looks for cycles among what is left. Left as it is, it looks
after every 700 new objects: several times within one batch, now and then through all that the libraries loaded. That
was a third of a consumer's processor time (`make bench`, rebuild: 70 -> 46 µs per event).
"""

import gc
from typing import Final

THRESHOLDS: Final = (50_000, 20, 50)
"""New objects between two looks, and looks of a generation between two of the next: a batch makes about 10,000."""


def rest() -> None:
    """Does not look while a process loads: what comes then stays. A third of a start's processor time."""
    gc.disable()


def relax() -> None:
    """Leaves alone what is loaded by now, which stays anyway, and looks less often through the rest."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    gc.enable()
