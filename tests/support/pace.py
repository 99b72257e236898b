"""Time that belongs to the scene: how long a fault lasts, how far apart requests are sent.

Never for waiting until something has happened: that is `eventually`.
"""

import asyncio


async def lasts(seconds: float) -> None:
    """Lets so much time pass while the scene goes on."""
    await asyncio.sleep(max(0.0, seconds))
