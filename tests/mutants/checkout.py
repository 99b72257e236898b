"""A copy of this checkout, as it is now, in which mechanisms are taken out: the checkout itself is never touched."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from infra.settings import ROOT
from tests.mutants.mutant import Mutant

IGNORED = ROOT / ".gitignore"  # has plain names only
SECOND = 10**9  # nanoseconds


class Checkout:
    """The copy in `folder`, which is made: with what is not committed, without what git ignores."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._age = count(1)
        names = [line.rstrip("/") for line in IGNORED.read_text("utf-8").splitlines()]
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(".git", *names))

    @contextmanager
    def without(self, mutant: Mutant) -> Iterator[None]:
        """Inside the block the mechanism is missing. Raises DoesNotFit."""
        path = self.folder / mutant.file
        whole, times = path.read_bytes(), path.stat()
        path.write_text(mutant.applied(whole.decode()), encoding="utf-8")
        # Python knows a compiled file by the second and the size of its source: none may be taken for another.
        later = times.st_mtime_ns + next(self._age) * SECOND
        os.utime(path, ns=(later, later))
        try:
            yield
        finally:
            path.write_bytes(whole)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
