"""The mutants fit the code of today, and README promises nothing that none of them attacks."""

import ast
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.source import ROOT
from tests.mutants.checkout import SECOND, Checkout
from tests.mutants.mutant import DoesNotFit, Mutant
from tests.mutants.promises import README, Promise, chapter, promises
from tests.mutants.table import MUTANTS
from tests.mutants.trial import SURVIVED, doubt_of

CHAPTER = chapter(README)
PROMISES = promises(CHAPTER)
RED = "tests/test_a.py::test_red"

each = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)


@each
def test_a_mutant_fits_its_file_and_is_still_a_program(mutant: Mutant) -> None:
    source = (ROOT / mutant.file).read_text(encoding="utf-8")
    mutated = ast.dump(ast.parse(mutant.applied(source)))
    assert mutated != ast.dump(ast.parse(source)), "a comment or a blank is no mechanism"


@each
def test_its_tests_exist(mutant: Mutant) -> None:
    for test in mutant.tests:
        file, *names = test.partition("[")[0].split("::")
        assert exists(ast.parse((ROOT / file).read_text(encoding="utf-8")).body, names), test


def exists(body: list[ast.stmt], names: list[str]) -> bool:
    """Whether a file, or a class in it, has a test of that name."""
    if not names:
        return True
    found = [one for one in body if getattr(one, "name", None) == names[0]]
    return bool(found) and exists(getattr(found[0], "body", []), names[1:])


@each
def test_it_attacks_one_promise(mutant: Mutant) -> None:
    assert CHAPTER.count(mutant.promise) == 1


def test_no_two_are_called_the_same() -> None:
    assert len({(mutant.promise, mutant.name) for mutant in MUTANTS}) == len(MUTANTS)


def test_the_chapter_is_read_whole() -> None:
    assert len(PROMISES) == CHAPTER.count("\n| ") - 1, "every row but the headings"
    assert all(promise.proofs for promise in PROMISES)


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.text[:40])
def test_every_proof_of_a_promise_notices_a_missing_mechanism(promise: Promise) -> None:
    """A file that README names and that no mutant turns red would prove nothing."""
    noticing = {file for mutant in MUTANTS if promise.text.startswith(mutant.promise) for file in mutant.test_files}
    assert set(promise.proofs) - noticing == set()


def failure(test: str = RED, phase: str = "call", how: str = "AssertionError") -> dict[str, str]:
    return {"test": test, "phase": phase, "how": how, "said": "assert 1 == 2"}


def found(*failures: dict[str, str], strangers: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"failures": list(failures), "strangers": list(strangers)}


@pytest.mark.parametrize("asked", [RED, "tests/test_a.py"])
@pytest.mark.parametrize("red", [RED, f"{RED}[other]"])
def test_a_failed_assertion_is_a_proof(asked: str, red: str) -> None:
    assert doubt_of(1, found(failure(red)), [asked]) is None


@pytest.mark.parametrize(
    ("code", "what", "said"),
    [
        (0, found(), SURVIVED),
        (2, None, "pytest ended with 2"),
        (4, found(), "pytest ended with 4"),
        (1, None, "pytest ended with 1"),
        (1, found(failure("tests/test_a.py::test_red_and_more")), SURVIVED),
        (1, found(failure(phase="setup")), "fails in its setup"),
        (1, found(failure(how="NameError")), "is broken, not red"),
        (1, found(failure(how="timeout")), "is broken, not red"),
        (1, found(failure(), strangers=("/elsewhere/shared/ids.py",)), "other code was tested"),
    ],
)
def test_whatever_else_comes_of_it_is_none(code: int, what: dict[str, Any] | None, said: str) -> None:
    assert (doubt_of(code, what, [RED]) or "").startswith(said)


@pytest.mark.parametrize("text", ["nothing of the kind", "lock lock"])
def test_a_text_that_stands_not_exactly_once_does_not_fit(text: str) -> None:
    with pytest.raises(DoesNotFit):
        Mutant("", "", "", "lock", "", ()).applied(text)


def test_in_the_copy_a_mechanism_is_missing_until_the_trial_is_over(tmp_path: Path) -> None:
    mutant, whole = MUTANTS[0], (ROOT / MUTANTS[0].file).read_bytes()
    checkout = Checkout(tmp_path / "copy")
    copied = checkout.folder / mutant.file
    before = copied.stat().st_mtime_ns
    for _ in range(2):
        with checkout.without(mutant):
            assert copied.read_bytes().decode() == mutant.applied(whole.decode())
            assert copied.stat().st_mtime_ns - before >= SECOND, "Python compiles it anew"
        assert (copied.read_bytes(), copied.stat().st_mtime_ns) == (whole, before)
    assert (ROOT / mutant.file).read_bytes() == whole
    assert (checkout.folder / "tests" / "architecture" / Path(__file__).name).is_file()
    assert not (checkout.folder / ".git").exists()
