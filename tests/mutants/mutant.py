"""What a mutant is."""

from dataclasses import dataclass


class DoesNotFit(Exception):
    """The text to be replaced does not stand exactly once in its file."""


@dataclass(frozen=True)
class Mutant:
    """One mechanism taken out.

    `promise` is the beginning of a row of README's table, or of a sentence below it; `name` says what is missing. In
    `file` the text `old`, which stands there exactly once, becomes `new`. Each of `tests` (pytest's node ids) must fail
    then.
    """

    promise: str
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def applied(self, source: str) -> str:
        """The file's text without the mechanism. Raises DoesNotFit."""
        found = source.count(self.old)
        if found != 1:
            raise DoesNotFit(f"{self.name}: its text stands {found} times in {self.file}")
        return source.replace(self.old, self.new)

    @property
    def test_files(self) -> frozenset[str]:
        return frozenset(test.partition("::")[0] for test in self.tests)
