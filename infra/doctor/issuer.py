"""The issuer of access tokens: does it publish keys that we accept, and does it name itself as we expect?"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from infra.doctor.configuration import Configuration
from infra.doctor.findings import Finding, clock, error, ok, warning
from shared.security.tokens import ALGORITHMS

PART = "issuer"
KEY_TYPES = {"RSA": "RS256", "EC": "ES256"}


async def examine(configuration: Configuration) -> list[Finding]:
    """The published keys, and the discovery document where it can be reached from here."""
    url, issuer = configuration.get("KURSNAV_JWKS_URL"), configuration.get("KURSNAV_ISSUER")
    if not (url and issuer):
        return [error(PART, "no issuer is known: nobody can log in", "Set KURSNAV_ISSUER and KURSNAV_JWKS_URL.")]
    async with httpx2.AsyncClient(timeout=10) as client:
        return [*await _keys(client, url), *await _name(client, issuer)]


async def _keys(client: httpx2.AsyncClient, url: str) -> list[Finding]:
    try:
        began = datetime.now(UTC)
        answer = await client.get(url)
        took = (datetime.now(UTC) - began).total_seconds()
        keys = answer.raise_for_status().json()["keys"]
    except (httpx2.HTTPError, ValueError, KeyError, TypeError) as wrong:
        advice = "Mend KURSNAV_JWKS_URL (jwks_uri of the issuer's discovery document), or let this machine reach it."
        return [error(PART, f"{url} gives no keys: {wrong}", advice)]
    usable = [key for key in keys if _usable(key)]
    if not usable:
        return [error(PART, f"none of its {len(keys)} keys can be used", f"Let it sign with {', '.join(ALGORITHMS)}.")]
    findings = [ok(PART, f"publishes {len(usable)} signing key{'s' if len(usable) > 1 else ''}")]
    if date := answer.headers.get("Date"):
        skew = (parsedate_to_datetime(date) - began).total_seconds()
        findings.append(clock(PART, skew, took + 1))  # the header is cut to whole seconds
    return findings


def _usable(key: dict[str, Any]) -> bool:
    algorithm = key.get("alg") or KEY_TYPES.get(str(key.get("kty")))
    return algorithm in ALGORITHMS and key.get("use", "sig") == "sig"


async def _name(client: httpx2.AsyncClient, issuer: str) -> list[Finding]:
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        named = (await client.get(address)).raise_for_status().json()["issuer"]
    except (httpx2.HTTPError, ValueError, KeyError, TypeError) as wrong:
        advice = "The services need only its keys; people's browsers must reach it. Inside a container this is normal."
        return [warning(PART, f"{address} cannot be reached from here ({type(wrong).__name__})", advice)]
    if named != issuer:
        return [error(PART, f"calls itself {named}, tokens are expected from {issuer}", f"Set KURSNAV_ISSUER={named}.")]
    return [ok(PART, f"is {issuer}")]
