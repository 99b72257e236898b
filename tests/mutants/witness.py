"""A plugin of pytest that says what became of each test, and where the code came from that it tested.

Loaded inside a copy (`-p tests.mutants.witness`); writes JSON into the file that the environment names.
"""

import json
import os
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

REPORT, ROOT = "KURSNAV_MUTANT_REPORT", "KURSNAV_MUTANT_ROOT"
OURS = ("services", "shared", "infra", "tests")
TIMEOUT = "Timeout ("  # how pytest-timeout begins

failures: list[dict[str, str]] = []


def covers(asked: str, test: str) -> bool:
    """Whether a test is, or belongs to, what was asked for: a file, a class, a test with all its parameters."""
    return test == asked or test.startswith((f"{asked}::", f"{asked}["))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leaves out what would only say again that it is red."""
    for asked in item.config.args:
        if covers(asked, item.nodeid) and any(covers(asked, one["test"]) for one in failures):
            pytest.skip("is red already")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and call.excinfo is not None:
        said = call.excinfo.exconly(tryshort=True)
        how = "timeout" if TIMEOUT in said.partition("\n")[0] else call.excinfo.typename
        failures.append({"test": item.nodeid, "phase": report.when, "how": how, "said": said[:500]})
    return report


def strangers(root: Path) -> list[str]:
    """Modules of ours that were not imported from below `root`."""
    loaded = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] in OURS]
    files = [Path(file) for module in loaded if (file := getattr(module, "__file__", None))]
    return sorted(str(file) for file in files if not file.is_relative_to(root))


def pytest_sessionfinish() -> None:
    found = {"failures": failures, "strangers": strangers(Path(os.environ[ROOT]))}
    Path(os.environ[REPORT]).write_text(json.dumps(found), encoding="utf-8")
