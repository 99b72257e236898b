"""The compose file and the realm that comes with it, read as the engine and Keycloak would read them."""

import csv
import json
import re
from base64 import b64encode
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Any

import pytest
import yaml

from infra.bench.live import LIVE
from infra.connections import HEAD_BYTES
from infra.local.identity import AUDIENCE, DEMO_USERS, PASSWORD
from infra.serve import PAGES
from infra.settings import ROOT, SERVICES
from shared.security.roles import Role
from shared.settings import DEVELOPMENT_ONLY, ServiceSettings
from shared.web.body_limit import LONGEST
from shared.web.problems import BASE

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
PARTS: dict[str, Any] = COMPOSE["services"]
REALM: dict[str, Any] = json.loads((ROOT / "infra/keycloak/realm.json").read_text("utf-8"))
SECRET = re.compile(r"PASSWORD|_KEYS|_DATABASE_URL")


def users(role: str) -> list[dict[str, Any]]:
    return [user for user in REALM["users"] if user["realmRoles"] == [role]]


# --- compose --------------------------------------------------------------------------------------------------------


def test_each_service_has_a_container_that_must_be_ready_before_the_origin_opens() -> None:
    for service in SERVICES:
        assert PARTS[service]["command"][:2] == ["serve", service]
        assert PARTS[service]["healthcheck"]["test"] == ["CMD", "healthy", f"/{service}/health/ready"]
        assert PARTS["caddy"]["depends_on"][service] == {"condition": "service_healthy"}
        for step in ("migrate", "topics"):
            assert PARTS[service]["depends_on"][step] == {"condition": "service_completed_successfully"}


def test_nothing_depends_on_the_extras() -> None:
    extras = {name for name, part in PARTS.items() if part.get("profiles") == ["extras"]}
    assert extras == {"mail", "grafana"}
    assert [name for name, part in PARTS.items() if extras & set(part.get("depends_on", {}))] == []


def test_every_container_has_a_limit_and_a_pinned_image() -> None:
    for name, part in PARTS.items():
        assert "mem_limit" in part, name
        assert part["image"] == "kursnav" or re.search(r":v?\d", part["image"]), name


@pytest.mark.parametrize("name", ["migrate", "topics", *SERVICES])
def test_our_own_containers_have_no_rights(name: str) -> None:
    assert PARTS[name]["read_only"] is True
    assert PARTS[name]["cap_drop"] == ["ALL"]
    assert PARTS[name]["security_opt"] == ["no-new-privileges:true"]


def test_only_the_migration_knows_the_owners_and_only_booking_the_vault() -> None:
    for name, part in PARTS.items():
        told = set(part.get("environment") or {})
        assert name == "migrate" or not any("OWNER_DATABASE_URL" in variable for variable in told), name
        assert name == "booking" or "BOOKING_VAULT_KEYS" not in told, name
        assert name in ("booking", "attendance") or "KURSNAV_PEOPLE_KEYS" not in told, name


def test_every_secret_can_be_replaced_and_its_default_is_marked() -> None:
    for name, part in PARTS.items():
        for variable, value in (part.get("environment") or {}).items():
            if SECRET.search(variable):
                assert re.match(r"\$\{\w+:-", value), f"{name}: {variable} has a fixed value"
                assert DEVELOPMENT_ONLY in value, f"{name}: {variable} is not marked"


# --- the realm ------------------------------------------------------------------------------------------------------


def test_the_realm_has_our_roles_and_is_marked_as_for_development() -> None:
    assert {role["name"] for role in REALM["roles"]["realm"]} == {role.value for role in Role} - {"participant"}
    assert DEVELOPMENT_ONLY in json.dumps(REALM)


def test_the_demo_users_are_those_of_the_one_machine_stack() -> None:
    known = {user["username"]: user for user in REALM["users"]}
    for demo in DEMO_USERS:
        user = known[demo.username]
        assert user["realmRoles"] == [demo.role]
        assert f"{user['firstName']} {user['lastName']}" == demo.name
        assert user["attributes"].get("municipality", [None]) == [demo.municipality]
        assert user["credentials"][0]["value"] == PASSWORD


def test_every_municipality_of_the_demo_has_an_account() -> None:
    with (ROOT / "infra/demo/data/municipalities.csv").open(encoding="utf-8") as file:
        codes = {row["code"] for row in csv.DictReader(file)}
    assert len(codes) == 12
    accounts = {user["username"]: user["attributes"]["municipality"] for user in users("municipality")}
    assert {f"kommun-{code}": [code] for code in codes}.items() <= accounts.items()


def test_access_tokens_carry_the_claims_that_the_services_read() -> None:
    [client] = REALM["clients"]
    mappers = {mapper["name"]: mapper["config"] for mapper in client["protocolMappers"]}
    assert {config.get("claim.name") for config in mappers.values()} >= {"roles", "municipality", "trainer_id"}
    assert mappers["roles"]["multivalued"] == "true"
    assert mappers["audience"]["included.custom.audience"] == AUDIENCE
    assert all(config["access.token.claim"] == "true" for config in mappers.values())
    assert {"basic", "profile"} <= set(client["defaultClientScopes"]), "they carry sub and name"


def test_browsers_are_let_back_to_wherever_the_pages_are() -> None:
    """Keycloak puts the variable in its place when it imports the realm."""
    [client] = REALM["clients"]
    assert "${KURSNAV_URL}/*" in client["redirectUris"]
    assert PARTS["keycloak"]["environment"]["KURSNAV_URL"] == PARTS["booking"]["environment"]["KURSNAV_URL"]


def test_nobody_may_change_the_own_municipality_or_trainer_id() -> None:
    [provider] = REALM["components"]["org.keycloak.userprofile.UserProfileProvider"]
    profile = json.loads(provider["config"]["kc.user.profile.config"][0])
    edits = {attribute["name"]: attribute["permissions"]["edit"] for attribute in profile["attributes"]}
    assert edits["municipality"] == edits["trainer_id"] == ["admin"]


def test_the_proxy_keeps_the_limits_of_the_services() -> None:
    """Half a request that waits there never reaches a service; and what a service would take passes. How large a body
    may be the services say, with what to do: Caddy would call the service that it stopped writing to down.
    """
    caddyfile = (ROOT / "infra" / "caddy" / "Caddyfile").read_text("utf-8")
    limits = dict(re.findall(r"^\s+(read_header|read_body|idle|max_header_size) (\S+)$", caddyfile, re.M))
    defaults = {name: field.default for name, field in ServiceSettings.model_fields.items()}
    assert limits == {
        "read_header": f"{defaults['patience_seconds']:.0f}s",
        "read_body": f"{defaults['patience_seconds'] * LONGEST:.0f}s",
        "idle": "60s",
        "max_header_size": f"{HEAD_BYTES // 1024}KB",
    }
    assert "request_body" not in caddyfile


def test_the_proxy_passes_on_at_once_what_comes_bit_by_bit() -> None:
    """Compressed, the first live figures came when there were enough of them: not within minutes."""
    caddyfile = (ROOT / "infra" / "caddy" / "Caddyfile").read_text("utf-8")
    [matcher] = re.findall(r"^\s+encode (.*)gzip$", caddyfile, re.M)
    assert f"{matcher.strip()} not path {LIVE}\n" in caddyfile


def upstream(path: str) -> str:
    """Who gets a request for this path: the first line of the Caddyfile that takes it."""
    caddyfile = (ROOT / "infra" / "caddy" / "Caddyfile").read_text("utf-8")
    named = dict(re.findall(r"^\s+(@\w+) path (.*)$", caddyfile, re.M))
    for matcher, found in re.findall(r"^\t\treverse_proxy (?:(\S+) )?(\w+):\d+$", caddyfile, re.M):
        if any(fnmatchcase(path, one) for one in named.get(matcher, matcher or "*").split()):
            return str(found)
    raise AssertionError(f"nobody gets {path}")


def test_each_address_leads_through_the_proxy_to_whose_it_is() -> None:
    for page, service in PAGES.items():
        assert upstream(f"/{page}/x" if page else "/") == service
    for service in SERVICES:
        assert upstream(f"/{service}/v1/position") == service


def test_each_service_lets_time_pass_also_behind_the_proxy() -> None:
    """By one address for all, only booking did what was due: answers to surveys never came to the figures."""
    assert {upstream(f"/dev/sweep/{service}"): service for service in SERVICES} == {one: one for one in SERVICES}


def test_who_finds_a_service_down_gets_a_page_of_ours_and_a_program_gets_a_problem() -> None:
    caddyfile = (ROOT / "infra" / "caddy" / "Caddyfile").read_text("utf-8")
    page = (ROOT / "infra" / "caddy" / "nere.html").read_text("utf-8")
    _, _, errors = caddyfile.partition("handle_errors {")
    assert "rewrite * /nere.html" in errors
    assert "./infra/caddy/nere.html:/etc/caddy/nere.html:ro" in PARTS["caddy"]["volumes"]
    problem = json.loads(errors.partition("respond `")[2].partition("`")[0])
    assert (problem["type"], problem["status"]) == (BASE + "busy", 503)
    assert set(re.findall(r"/(\w+)/\*", errors.partition("path ")[2].partition("\n")[0])) == set(SERVICES)
    assert errors.count("{err.status_code} in [502, 503, 504]") == 2
    [style] = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'" in errors, "the page's own style may run"
    assert not re.findall(r"(?:src|href)=\"(?!/\")", page), "nothing of what is down is needed"
