"""All services behind one address, as `kursnav serve` runs them, with a small project: for a real browser."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import httpx2

from infra.local.process import Program, free_port, spawn, stop, until_ready
from infra.local.stack import kursnav
from infra.settings import SERVICES
from shared.clock import STOCKHOLM, day_start, local_day
from shared.security.cipher import Cipher
from shared.security.links import digest_of
from shared.security.roles import Role
from tests.support import databases, tokens
from tests.support.answers import ok
from tests.support.booking_world import DAY, HOUR, MUNICIPALITIES, OREBRO, PROJECT, TITLES, World, client, enter_project
from tests.support.clock import FixedClock
from tests.support.eventually import eventually
from tests.support.mailbox import Mailbox, mailbox
from tests.support.services import PEOPLE_KEYS, Origin, environment
from tests.support.stack import Stack
from tests.support.topics import topics

SURVEY = """
    WITH round AS (
        INSERT INTO survey_rounds VALUES ($1, 'participant', 1, 1, 9, 1, $2, $5)
    )
    INSERT INTO survey_links VALUES ($3, $1, 'participant', false), ($4, $1, 'participant', true)
"""

ATTENDED = """
    WITH session AS (
        INSERT INTO rolls (session_id, course, course_title, host_municipality, venue, cancelled, trainers,
                           former_trainers, starts_at, ends_at, sequence, state, roll_version, content_version)
        VALUES ($1, 'TR1', 'Förflyttningsteknik och rehabiliterande förhållningssätt', $3, 'Wilandersalen', false, '{}',
                '{}', $4, $5, 1, 'attested', 1, 1)
    ), occasion AS (
        INSERT INTO occasions (occasion_id, session_id, starts_at, ends_at, break_minutes, dropped)
        VALUES ($1, $1, $4, $5, 0, false)
    ), entry AS (
        INSERT INTO roll_entries (registration_id, session_id, participant_id, municipality, registration, after_seal,
                                  sequence)
        VALUES ($1, $1, $2, $3, 'confirmed', false, 1)
    ), seal AS (
        INSERT INTO seals (session_id, roll_version, sealed_hash, content, attested_at, attested_by, attested_as)
        VALUES ($1, 1, 'x', jsonb_build_object('lines', jsonb_build_array(
                jsonb_build_object('participant_id', $2, 'occasion_id', $1, 'minutes', 180))), $5, 'test', 'trainer')
    )
    SELECT 1
"""
LINK = """
    INSERT INTO links (id, participant_id, digest, made_at, made_by, expires_at)
    VALUES ($1, $2, $3, now(), 'test', now() + interval '90 days')
"""
SESSIONS = "/boka/kurstillfallen"


@dataclass
class Site(Origin):
    """Where the pages are, what stands in them, and who calls the API beside the browser."""

    issuer: str = ""
    folder: Path = Path()
    box: Mailbox | None = None
    world: World = field(init=False)
    session: str = ""
    staff: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    """More of what there is, by the names that addresses have for it."""

    def client(
        self, *roles: Role | str, municipality: str | None = None, trainer_id: UUID | str | None = None, **claims: Any
    ) -> httpx2.AsyncClient:
        claims = {"iss": self.issuer, **claims}
        return super().client(*roles, municipality=municipality, trainer_id=trainer_id, **claims)

    def address(self, path: str) -> str:
        """An address with the ids of what there is: `/boka/personal/{staff}`."""
        return self.base_url + path.format(session=self.session, staff=self.staff, **self.ids)


@asynccontextmanager
async def served(stack: Stack) -> AsyncIterator[Site]:
    """The site with its data, until the block ends."""
    async with AsyncExitStack() as resources:
        box = await resources.enter_async_context(mailbox())
        cloned = {name: databases.cloned(stack.admin_url, name) for name in SERVICES}
        names = {name: await resources.enter_async_context(one) for name, one in cloned.items()}
        prefix = await resources.enter_async_context(topics(stack.bootstrap_servers))
        folder = Path(resources.enter_context(TemporaryDirectory()))
        port = free_port()
        base, issuer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port}/identity"
        # The development issuer signs by the tests' own key.
        (folder / "identity.pem").write_bytes(tokens.key().as_pem(private=True))
        variables = {
            **environment(stack, names, prefix=prefix),
            **box.variables,
            "KURSNAV_PORT": str(port),
            "KURSNAV_DATA": str(folder),
            "KURSNAV_ISSUER": issuer,
        }

        async def ready() -> bool:
            try:
                async with httpx2.AsyncClient(base_url=base) as asking:
                    answers = [await asking.get(f"/{name}/health/ready") for name in SERVICES]
                return all(answer.is_success for answer in answers)
            except httpx2.TransportError:
                return False

        program = Program("serve", kursnav("serve", *SERVICES), folder / "serve.log", ready, variables)
        process = spawn(program)
        resources.push_async_callback(asyncio.to_thread, stop, process, program.stop_signal, 15)
        await until_ready(program, process)
        transport = httpx2.AsyncHTTPTransport()
        resources.push_async_callback(transport.aclose)
        site = Site(stack, names, transport, prefix=prefix, base_url=base, issuer=issuer, folder=folder, box=box)
        await furnish(site)
        yield site


async def furnish(site: Site) -> None:
    """A project that is under way, sessions ahead, and people: enough for each page to show something."""
    now = datetime.now(UTC)
    world = site.world = World(site, FixedClock(now), client(site, Role.COORDINATOR))
    until = (now + timedelta(days=365)).date().isoformat()
    period = {"from": "2025-01-01", "to": until}
    await enter_project(world.coordinator, {**PROJECT, "period": period}, *MUNICIPALITIES)
    ok(await world.coordinator.put("/booking/v1/titles", json=TITLES), 201)
    await world.course("TR1", ["base", "other"], title="Förflyttningsteknik och rehabiliterande förhållningssätt")
    await world.course("PALS", ["licensed"], title="Läkemedelshantering")
    morning = (now + 9 * DAY).replace(hour=8, minute=0, second=0, microsecond=0)
    site.session = await world.session(3, starts=morning, venue="Kommunfullmäktigesalen")
    later = await world.session(20, starts=morning + 30 * DAY)
    site.staff = await world.staff(OREBRO, given_name="Anna", family_name="Andersson")
    names = ("Bo", "Cilla", "Didrik", "Eva")
    others = [await world.staff(OREBRO, given_name=name, family_name="Öberg") for name in names]
    assert await world.outcomes(site.session, site.staff, *others[:3], policy="any")
    going, waiting = [(await world.registration(site.session, each))["id"] for each in (site.staff, others[2])]
    held = {"seats": 2, "name_by": morning.isoformat(), "municipality": OREBRO}
    came = {"walk_in_id": str(uuid4()), "name": "Kim Oanmäld", "municipality": OREBRO}
    rest = {"municipality": OREBRO, "from": until, "to": until, "reason": "Bokslut"}
    site.ids |= {
        "reservation": (await world.post(f"/booking/v1/sessions/{later}/reservations", held))["id"],
        "walk_in": (await world.post(f"/booking/v1/sessions/{later}/walk-ins", came))["id"],
        "blackout": (await world.post("/booking/v1/blackouts", rest))["id"],
    }
    hook = {"url": "https://93.184.215.14/kursnav", "events": ["registration-confirmed"]}
    site.ids |= {"webhook": ok(await world.municipality(OREBRO).post("/booking/v1/webhooks", json=hook), 201)["id"]}
    site.ids |= {"later": later, "other": others[3], "registration": going, "waiting": waiting}
    await world.staff(OREBRO, given_name="Lisa", family_name="Legitimerad", category="licensed", title="nurse")
    await enter_surveys(site)
    site.ids |= {"letter": await buried(site)}
    await enter_placement(site)
    await enter_attended(site)
    await enter_beside(site)
    site.ids |= {"report": await frozen_report(site)}


async def family(site: Site, name: str) -> list[str]:
    """Three people of this name, at a workplace of their own: Ill, Ny and Kim."""
    fields = {"family_name": name, "workplace": f"Avdelning {name}"}
    return [await site.world.staff(OREBRO, given_name=given, **fields) for given in ("Ill", "Ny", "Kim")]


async def session(site: Site, days: int) -> str:
    """A session with places, so many days of the calendar ahead: each test has days of its own."""
    day = local_day(site.world.clock.at) + timedelta(days=days)
    return await site.world.session(5, starts=day_start(day) + 10 * HOUR)


async def enter_beside(site: Site) -> None:
    """What the office tells of money, goals, competence, activities and schedules."""
    v1, office = "/reporting/v1", site.world.coordinator
    money = b"date,kind,category,amount\n2025-06-30,income,ESF,5000\n2025-06-30,cost,Lokaler,1250.50\n"
    ok(await office.post(f"{v1}/economy/import?dry_run=false", files={"file": ("ekonomi.csv", money)}))
    measured = {"name": "Deltagare", "target": 1000, "figure": "unique_participants.total"}
    goal = {"goal": "Stärkt kompetens i länets omsorg", "level": "individ", "indicators": [measured]}
    ok(await office.put(f"{v1}/goals", json=[goal]), 201)
    occupations = {"Nora": "Sjuksköterska", "Laxå": "Specialistundersköterska"}
    cells = [{"organisation": one, "occupation": what, "level": "shortage"} for one, what in occupations.items()]
    ok(await office.put(f"{v1}/competence/2025", json={"rows": cells}), 201)
    breakfast = {"date": "2025-05-20", "theme": "Språk", "audience": "chefer", "count": 40, "approximate": True}
    site.ids |= {"activity": ok(await office.post(f"{v1}/activities", json=breakfast), 201)["id"]}
    delivered = {"kind": "progress", "every": "quarter", "days_after": 5, "to": ["styrgrupp@kommun.example"]}
    site.ids |= {"schedule": ok(await office.post(f"{v1}/schedules", json=delivered), 201)["id"]}


async def frozen_report(site: Site) -> str:
    """A report of the running project, once it can be read."""
    office = client(site, Role.COORDINATOR)
    order = {"kind": "progress", "period": "2025"}
    ordered = ok(await office.post("/reporting/v1/reports", json=order), 202)

    async def state() -> str:
        return str((await office.get(f"/reporting/v1/reports/{ordered['id']}")).json()["state"])

    await eventually(state, within=30, until=lambda found: found == "frozen")
    return str(ordered["id"])


async def enter_surveys(site: Site) -> None:
    """A survey of the session by link, one link that may answer and one that has."""
    await site.settled()
    site.ids |= {"survey": "x" * 32, "answered_survey": "y" * 32}
    closes_at = datetime.now(UTC) + 14 * DAY
    digests = [digest_of(site.ids[name]) for name in ("survey", "answered_survey")]
    box = Cipher.from_setting(PEOPLE_KEYS).encrypt(b"[]", f"{site.session}/participant".encode()).to_json()
    values = (UUID(site.session), closes_at, *digests, box)
    await site.rows("attendance", SURVEY, *values)


async def enter_attended(site: Site) -> None:
    """Somebody who can sign yesterday's hours."""
    person, month = await attended(site, site.staff, "z" * 32)
    site.ids |= {"link": "z" * 32, "month": month, "participant": person}


async def attended(site: Site, staff: str, token: str) -> tuple[str, str]:
    """Three attested hours of yesterday, and a link to sign them by. Returns the person and the month."""
    person = str((await site.world.get(f"/booking/v1/staff/{staff}"))["participant_id"])
    ends = datetime.now(UTC) - DAY
    starts = ends - timedelta(hours=3)
    await site.rows("attendance", ATTENDED, uuid4(), UUID(person), OREBRO, starts, ends)
    await give_link(site, person, token)
    return person, f"{starts.astimezone(STOCKHOLM):%Y-%m}"


async def give_link(site: Site, person: str, token: str) -> None:
    """A link of a participant's own that ends in this token."""
    await site.rows("attendance", LINK, uuid4(), UUID(person), digest_of(token))


async def buried(site: Site) -> str:
    """An event that booking could not apply, for whoever looks after operation."""
    letter = uuid4()
    await site.rows("booking", BURIED, letter)
    return str(letter)


BURIED = """
    INSERT INTO dead_letters (id, consumer, identity, topic, partition, "offset", key, value, headers, reason, detail,
                              state, received_at)
    VALUES ($1, 'booking-attendance', 'browser', 'kursnav.attendance.v1', 0, 0, 'key', '{"minutes": 1}',
            '[["ce_type", "c2Uua3Vyc25hdg=="]]', 'ValueError', 'no rule for it', 'dead', now())
"""


async def enter_placement(site: Site) -> None:
    """Somebody on placement for two weeks, of which one is noted."""
    office, begun = client(site, Role.COORDINATOR), datetime.now(UTC) - 14 * DAY
    person = (await site.world.get(f"/booking/v1/staff/{site.staff}"))["participant_id"]
    body = {"participant_id": person, "workplace": "Solgården", "from": begun.date().isoformat()}
    made = ok(await office.post("/attendance/v1/placements", json=body), 201)
    year, week, _ = begun.isocalendar()
    site.ids |= {"placement": made["id"], "week": f"{year}-W{week:02}"}
    note = {"week": site.ids["week"], "answers": {"attendance": "partly", "independence": 3, "language": "enough"}}
    ok(await office.post(f"/attendance/v1/placements/{made['id']}/weekly-notes", json=note), 201)
