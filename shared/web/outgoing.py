"""Calls to addresses that somebody else chose: the only way in which a service reaches a host that it was not
configured for.

Whoever names an address could name one of ours, so a name is resolved, private addresses are refused, and the
connection goes to the very address that was looked at. No proxy, no redirect, no body of the answer.
"""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from socket import SOCK_STREAM, gaierror
from urllib.parse import urlsplit

import httpx2

SECONDS = 15.0
RESOLVING_SECONDS = 5.0
LOOPBACK = "127.0.0.1"
NAT64 = IPv6Network("64:ff9b::/96")  # an IPv4 address stands in it

Address = IPv4Address | IPv6Address


class NotAllowed(Exception):
    """Nothing may be sent there. `code` says why: `https-only`, `private-address`, `unusable`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unreachable(Exception):
    """No answer. The text says why, without anything that the other side sent."""


@dataclass(frozen=True)
class Target:
    """A URL and the address to connect to for it."""

    url: httpx2.URL
    address: str


async def target_of(url: str, *, loopback: bool = False) -> Target:
    """Looks where a URL leads. Raises NotAllowed, and Unreachable when its host has no address now.

    `loopback` also allows http://127.0.0.1: for development.
    """
    parsed = _parsed(url)
    if loopback and parsed.scheme == "http" and parsed.host == LOOPBACK:
        return Target(parsed, LOOPBACK)
    if parsed.scheme != "https":
        raise NotAllowed("https-only")
    found = await _resolved(parsed.host, parsed.port or 443)
    if not all(is_public(address) for address in found):
        raise NotAllowed("private-address")
    chosen = min(found, key=lambda address: address.version)
    return Target(parsed, str(chosen))


def _parsed(url: str) -> httpx2.URL:
    try:
        parsed = httpx2.URL(url)
        if not parsed.host or parsed.userinfo or urlsplit(url).fragment:
            raise NotAllowed("unusable")
    except (httpx2.InvalidURL, ValueError) as error:
        raise NotAllowed("unusable") from error
    return parsed


async def _resolved(host: str, port: int) -> list[Address]:
    try:
        async with asyncio.timeout(RESOLVING_SECONDS):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=SOCK_STREAM)
    except (gaierror, UnicodeError, TimeoutError) as error:
        raise Unreachable("the host has no address") from error
    return [ip_address(str(place[0]).partition("%")[0]) for *_, place in found]


def is_public(address: Address) -> bool:
    """Whether anybody on the internet can reach it, also where one address hides in another."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if address in NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner:
            return is_public(inner)
    return address.is_global and not address.is_multicast


async def post(target: Target, content: bytes, headers: Mapping[str, str]) -> int:
    """Sends a body and returns the status. Raises Unreachable."""
    url = target.url
    sent = {**headers, "Host": url.netloc.decode("ascii")}
    try:
        async with asyncio.timeout(SECONDS), _client() as client:
            to = url.copy_with(host=target.address)
            request = client.build_request("POST", to, content=content, headers=sent)
            request.extensions["sni_hostname"] = url.raw_host.decode("ascii")  # whose certificate it must be
            answer = await client.send(request, stream=True)
            await answer.aclose()
            return answer.status_code
    except TimeoutError as error:
        raise Unreachable(f"no answer within {SECONDS:g} s") from error
    except (httpx2.HTTPError, OSError, ssl.SSLError) as error:
        raise Unreachable(type(error).__name__) from error


def _client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(trust_env=False, follow_redirects=False, timeout=SECONDS, verify=_trusted())


@cache
def _trusted() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)
