"""Dealing: what chance chooses, without leaving anything out for long."""

import random
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Deck(Generic[T]):
    """Cards in an order that the generator decides. Each is dealt once before any is dealt again, except those that
    did not suit when it was their turn: they come first as soon as they do.
    """

    def __init__(self, cards: Sequence[T], generator: random.Random) -> None:
        self.cards = cards
        self.generator = generator
        self._left: list[T] = []

    def deal(self, suits: Callable[[T], bool] = lambda card: True) -> T:
        """The next card that suits. One of the deck must."""
        while True:
            for number, card in enumerate(self._left):
                if suits(card):
                    return self._left.pop(number)
            self._left += self.generator.sample(self.cards, len(self.cards))
