"""README's booking chapter is run as it stands, by the shell, against all services."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.browser.site import Site, served
from tests.support import tokens
from tests.support.answers import answered
from tests.support.stack import Stack

ROOT = Path(__file__).parents[2]
CHAPTER = re.compile(r"^## Booking$.*?```sh\n(.*?)```", re.MULTILINE | re.DOTALL)

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(shutil.which("curl") is None, reason="README's commands need curl, which this machine lacks"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(stack: Stack) -> AsyncIterator[Site]:
    async with served(stack) as running:
        yield running


async def registrations(site: Site) -> dict[str, tuple[str, str | None]]:
    listed = answered(await site.world.coordinator.get("/booking/v1/registrations"))["items"]
    return {each["id"]: (each["status"], each["via"]) for each in listed}


async def test_every_command_of_the_booking_chapter_does_what_it_says(site: Site, tmp_path: Path) -> None:
    (tmp_path / "identity.pem").write_bytes(tokens.key().as_pem(private=True))
    found = CHAPTER.search((ROOT / "README.md").read_text("utf-8"))
    assert found
    commands = found[1].replace("http://127.0.0.1:8000", site.base_url)
    before = await registrations(site)
    shell = await asyncio.create_subprocess_exec(
        "bash",
        "-euo",
        "pipefail",
        "-c",
        commands,
        cwd=ROOT,
        env={**os.environ, "KURSNAV_DATA": str(tmp_path), "KURSNAV_ISSUER": site.issuer},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = (stream.decode() for stream in await shell.communicate())
    assert shell.returncode == 0, complained
    assert "problems/" not in said
    fates = {(status, via) for id_, (status, via) in (await registrations(site)).items() if id_ not in before}
    assert fates == {
        ("confirmed", "group"),
        ("substituted", "group"),
        ("confirmed", "substitution"),
        ("waitlisted", None),
    }
    assert '"state":"open"' in said  # the reservation
