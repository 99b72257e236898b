"""`make mutants`: takes each mechanism out in a copy, and demands that the tests of its promise turn red."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.local.errors import StackError
from tests.mutants.checkout import Checkout
from tests.mutants.mutant import Mutant
from tests.mutants.table import MUTANTS
from tests.mutants.trial import DEADLINE_SECONDS, SURVIVED, Court, Verdict
from tests.support import stack as stacks

LINE = "  {:<86} {:>5} {:>6}"
LOG_LINES = 25


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("words", nargs="*", help="only mutants whose name or promise holds one of these")
    parser.add_argument("--list", action="store_true", help="say what there is, and run nothing")
    parser.add_argument("--control", action="store_true", help="run the same tests with every mechanism in its place")
    asked = parser.parse_args()
    mutants = chosen(asked.words)
    if not mutants:
        sys.exit(f"no mutant is named like {', '.join(asked.words)}")
    if asked.list:
        print("\n".join(f"{mutant.promise}\n  {mutant.name}" for mutant in mutants))
        return
    try:
        held = control(mutants) if asked.control else all_red(mutants)
    except StackError as error:
        sys.exit(f"no broker or database: {error}")
    sys.exit(0 if held else 1)


def chosen(words: Sequence[str]) -> list[Mutant]:
    """The mutants whose name or promise holds one of the words; without words all of them."""
    texts = {mutant: f"{mutant.name} {mutant.promise}".lower() for mutant in MUTANTS}
    return [mutant for mutant, text in texts.items() if not words or any(word.lower() in text for word in words)]


def all_red(mutants: Sequence[Mutant]) -> bool:
    """Tries them one after the other and prints a line of each; True when every one was noticed."""
    began, survivors, promise = time.monotonic(), [], ""
    print(LINE.format("mechanism taken out", "red", "s"))
    with TemporaryDirectory(prefix="kursnav-mutants-") as folder, stacks.started() as stack:
        court = opened(Path(folder), stack)
        for mutant in mutants:
            if mutant.promise != promise:
                print(promise := mutant.promise)
            verdict = court.tried(mutant)
            print(line(mutant, verdict), flush=True)
            survivors += [mutant.name] if verdict.doubt else []
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    print(f"{len(mutants)} mutants, {len(survivors)} without proof, {minutes} min {seconds} s")
    return not survivors


def line(mutant: Mutant, verdict: Verdict) -> str:
    """What came of one; of a doubtful one also the end of what pytest said."""
    shown = LINE.format(mutant.name, verdict.red, f"{verdict.seconds:.1f}")
    if verdict.doubt is None:
        return shown
    end = "\n".join(f"    | {text}" for text in verdict.log.splitlines()[-LOG_LINES:])
    return f"{shown}\n    {verdict.doubt}\n{end}"


def control(mutants: Sequence[Mutant]) -> bool:
    """The same tests in the same copy with nothing taken out: True when all of them pass."""
    tests = list(dict.fromkeys(test for mutant in mutants for test in mutant.tests))
    with TemporaryDirectory(prefix="kursnav-mutants-") as folder, stacks.started() as stack:
        verdict = opened(Path(folder), stack).run(tests, len(mutants) * DEADLINE_SECONDS)
    print("\n".join(verdict.log.splitlines()[-LOG_LINES:]))
    return verdict.doubt == SURVIVED


def opened(folder: Path, stack: stacks.Stack) -> Court:
    court = Court(Checkout(folder / "kursnav"), stack, folder / "report.json")
    court.sees_only_the_copy()
    return court


if __name__ == "__main__":
    main()
