"""How commands speak to the person who called them."""

from rich.console import Console

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)
