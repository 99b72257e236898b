"""Each service's migrations are one line, numbered as they follow each other."""

from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from infra.settings import SERVICES
from shared.database.migrate import config_of


@pytest.mark.parametrize("service", SERVICES)
def test_they_follow_each_other_by_number(service: str) -> None:
    scripts = ScriptDirectory.from_config(config_of(service))
    files = sorted(path for path in Path(scripts.versions).glob("[0-9]*.py"))
    numbers = [path.name[:4] for path in files]
    assert numbers == [f"{number:04}" for number in range(1, len(files) + 1)]
    assert [scripts.get_revision(number).down_revision for number in numbers] == [None, *numbers[:-1]]
