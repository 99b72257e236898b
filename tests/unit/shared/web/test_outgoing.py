"""Which addresses a service lets others point it at."""

import asyncio
import socket
from ipaddress import ip_address
from typing import Any

import pytest

from shared.web.outgoing import NotAllowed, Unreachable, is_public, target_of


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)
def test_what_only_we_can_reach_is_private_also_inside_another_address(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_what_anybody_can_reach_is_public(address: str) -> None:
    assert is_public(ip_address(address))


def knows(monkeypatch: pytest.MonkeyPatch, host: str, *addresses: str) -> None:
    """A resolver that knows one host."""

    async def ask(asked: str, port: int, **_: Any) -> list[Any]:
        if asked != host:
            raise socket.gaierror
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", ask)


async def test_a_name_is_looked_up_and_the_address_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    knows(monkeypatch, "hr.example", "2606:2800:220:1::1", "93.184.216.34")
    target = await target_of("https://hr.example:8443/kursnav?a=1")
    assert (target.address, str(target.url)) == ("93.184.216.34", "https://hr.example:8443/kursnav?a=1")


async def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    knows(monkeypatch, "hr.example", "93.184.216.34", "10.0.0.1")
    with pytest.raises(NotAllowed, match="private-address"):
        await target_of("https://hr.example/")
    with pytest.raises(Unreachable):
        await target_of("https://nowhere.example/")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://127.0.0.1/", "private-address"),
        ("https://[::1]/", "private-address"),
        ("https://2130706433/", "private-address"),
        ("https://0x7f.1/", "private-address"),
        ("http://93.184.216.34/", "https-only"),
        ("ftp://93.184.216.34/", "https-only"),
        ("https://user:secret@93.184.216.34/", "unusable"),
        ("https:///path", "unusable"),
    ],
)
async def test_other_urls_are_refused(url: str, code: str) -> None:
    with pytest.raises((NotAllowed, Unreachable)) as refused:
        await target_of(url)
    assert getattr(refused.value, "code", code) == code


async def test_this_machine_only_for_development_and_by_its_number() -> None:
    assert (await target_of("http://127.0.0.1:8080/hook", loopback=True)).address == "127.0.0.1"
    for url in ("http://127.0.0.1:8080/hook", "http://localhost:8080/", "http://127.0.0.2/"):
        with pytest.raises(NotAllowed):
            await target_of(url, loopback=url != "http://127.0.0.1:8080/hook")
