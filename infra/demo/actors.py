"""The people who use kursnav, as thin typed clients of its public HTTP API.

The demo, the end-to-end tests, the fault tests and the benchmark act through them: one method is one thing that a
person does. They know the contract's shapes, calls and answers, and nothing of what lies behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Unpack
from uuid import UUID

import httpx2

from infra.demo.api import Api, ApiError, Sent
from services.attendance.attestation.bodies import AttestedShown
from services.attendance.check_in.bodies import CheckedInShown
from services.attendance.conflicts.bodies import ConflictShown
from services.attendance.marks.bodies import MarksShown
from services.attendance.own_page.bodies import OwnMonthShown, OwnPageShown
from services.attendance.rolls.bodies import RollShown
from services.attendance.signatures.bodies import MonthShown
from services.booking.absences.bodies import AbsenceShown
from services.booking.participants.bodies import ErasureShown
from services.booking.planning.bodies import PlanShown
from services.booking.registrations.bodies import CancelledShown, RegistrationShown, ResultsShown
from services.booking.sessions.bodies import SessionShown
from services.booking.staff.bodies import ImportShown, StaffShown
from services.booking.waiting_list.bodies import QueueShown
from services.booking.walk_ins.bodies import WalkInShown
from services.reporting.reports.bodies import ReportShown, VerdictShown
from shared.web.operations import PositionShown

TokenSource = Callable[[str, str | None, UUID | None], str]
"""Gives a bearer token for a role, a municipality code and a trainer id."""

JsonObject = dict[str, Any]
REPORT_FORMATS = ("html", "pdf", "xlsx", "csv", "json")
SERVICES = ("booking", "attendance", "reporting")
NOT_FOUND = 404


class Actor:
    """What everybody who is logged in may do."""

    def __init__(self, client: httpx2.AsyncClient, token: str) -> None:
        self.api = Api(client, token)

    async def position(self, service: str) -> PositionShown:
        """How much of a service's work is still under way."""
        return await self.api.got(PositionShown, f"/{service}/v1/position")

    async def session(self, session: UUID) -> SessionShown:
        return await self.api.got(SessionShown, f"/booking/v1/sessions/{session}")

    async def sessions(self, **filters: Any) -> list[JsonObject]:
        return [item async for item in self.api.listing("/booking/v1/sessions", **filters)]


class _Booker(Actor):
    """Who books staff on sessions: a municipality its own, the coordinator everybody."""

    async def import_staff(self, csv: bytes, *, dry_run: bool = False, **sent: Unpack[Sent]) -> ImportShown:
        """A municipality's staff file; with `dry_run` only says what would become of each row."""
        return await self.api.made(
            ImportShown,
            "/booking/v1/staff/import",
            files={"file": ("personal.csv", csv, "text/csv")},
            params={"dry_run": str(dry_run).lower()},
            **sent,
        )

    async def add_staff(self, member: JsonObject, **sent: Unpack[Sent]) -> StaffShown:
        return await self.api.made(StaffShown, "/booking/v1/staff", member, **sent)

    async def register(
        self,
        session: UUID,
        staff: Sequence[UUID],
        *,
        policy: str = "all",
        at_least: int | None = None,
        waitlist: bool = True,
        support_needs: Mapping[UUID, Sequence[str]] | None = None,
        **sent: Unpack[Sent],
    ) -> ResultsShown:
        """Several people on one session. Raises ApiError 409 `session-full`: the policy fails and nobody may wait."""
        body: JsonObject = {"staff": [str(one) for one in staff], "policy": policy, "waitlist": waitlist}
        if at_least is not None:
            body["at_least"] = at_least
        if support_needs:
            body["support_needs"] = {str(one): list(needs) for one, needs in support_needs.items()}
        path = f"/booking/v1/sessions/{session}/registrations"
        return await self.api.made(ResultsShown, path, body, **sent)

    async def cancel(self, registration: UUID, reason: str, **sent: Unpack[Sent]) -> CancelledShown:
        path = f"/booking/v1/registrations/{registration}/cancel"
        return await self.api.made(CancelledShown, path, {"reason": reason}, **sent)

    async def substitute(self, registration: UUID, staff: UUID, **sent: Unpack[Sent]) -> RegistrationShown:
        path = f"/booking/v1/registrations/{registration}/substitute"
        return await self.api.made(RegistrationShown, path, {"staff": str(staff)}, **sent)

    async def move(self, registration: UUID, session: UUID, **sent: Unpack[Sent]) -> RegistrationShown:
        path = f"/booking/v1/registrations/{registration}/move"
        return await self.api.made(RegistrationShown, path, {"session": str(session)}, **sent)

    async def reserve(self, session: UUID, seats: int, name_by: datetime, **sent: Unpack[Sent]) -> UUID:
        """Holds seats for the caller's municipality until they get names."""
        body = {"seats": seats, "name_by": name_by.isoformat()}
        return UUID((await self.api.post(f"/booking/v1/sessions/{session}/reservations", body, **sent))["id"])

    async def name(self, reservation: UUID, staff: Sequence[UUID]) -> ResultsShown:
        """Gives held seats to these persons."""
        path, body = f"/booking/v1/reservations/{reservation}", {"staff": [str(one) for one in staff]}
        return ResultsShown.model_validate(await self.api.put(f"{path}/names", body, version_of=path))

    async def registrations(self, **filters: Any) -> list[RegistrationShown]:
        return await self.api.every(RegistrationShown, "/booking/v1/registrations", **filters)

    async def queue(self, session: UUID) -> QueueShown:
        """The waiting list and every decision about it."""
        return await self.api.got(QueueShown, f"/booking/v1/sessions/{session}/queue")

    async def certificate(self, participant: UUID, session: UUID, language: str = "sv") -> bytes:
        """A certificate as PDF. Raises ApiError 409 `hours-not-signed` where the project demands signatures."""
        return await self.api.get_bytes(f"/attendance/v1/certificates/{participant}/{session}.pdf?language={language}")


class _RollKeeper(Actor):
    """Who keeps rolls: a trainer own sessions, the coordinator all."""

    async def roll(self, session: UUID) -> RollShown:
        return await self.api.got(RollShown, f"/attendance/v1/sessions/{session}/roll")

    async def mark(
        self, session: UUID, marks: Sequence[JsonObject], *, device: str, device_time: datetime, **sent: Unpack[Sent]
    ) -> MarksShown:
        """A batch of marks from one device, in any order, any number of times."""
        body = {"device_id": device, "device_time": device_time.isoformat(), "marks": list(marks)}
        return await self.api.made(MarksShown, f"/attendance/v1/sessions/{session}/marks", body, **sent)

    async def attest(self, session: UUID, roll: RollShown, *, key: str | None = None, **said: Any) -> AttestedShown:
        """Certifies the roll as read. Raises ApiError 409 when it changed or something on it is undecided."""
        body = {"roll_version": roll.roll_version, "content_hash": roll.content_hash, **said}
        return await self.api.made(AttestedShown, f"/attendance/v1/sessions/{session}/attest", body, key=key)

    async def correct(
        self,
        session: UUID,
        participant: UUID,
        occasion: UUID,
        minutes: int,
        *,
        reason: str,
        reason_code: str,
        **sent: Unpack[Sent],
    ) -> JsonObject:
        body = {
            "participant_id": str(participant),
            "occasion_id": str(occasion),
            "minutes": minutes,
            "reason": reason,
            "reason_code": reason_code,
        }
        answer: JsonObject = await self.api.post(f"/attendance/v1/sessions/{session}/corrections", body, **sent)
        return answer


class _ReportReader(Actor):
    """Who reads figures and reports."""

    async def figures(self, **filters: Any) -> JsonObject:
        return await self.api.get("/reporting/v1/figures", **filters)

    async def cofinancing(self, **filters: Any) -> JsonObject:
        return await self.api.get("/reporting/v1/cofinancing", **filters)

    async def report(self, report: UUID) -> ReportShown:
        return await self.api.got(ReportShown, f"/reporting/v1/reports/{report}")

    async def report_file(self, report: UUID, form: str) -> bytes:
        """The frozen file in one of `REPORT_FORMATS`."""
        return await self.api.get_bytes(f"/reporting/v1/reports/{report}/file.{form}")

    async def verify(self, report: UUID) -> VerdictShown:
        return await self.api.got(VerdictShown, f"/reporting/v1/reports/{report}/verify")


class Coordinator(_Booker, _RollKeeper, _ReportReader):
    """The project office."""

    async def set_project(self, project: JsonObject) -> None:
        await self.api.put("/booking/v1/project", project)

    async def set_titles(self, titles: Sequence[JsonObject]) -> None:
        await self.api.put("/booking/v1/titles", list(titles))

    async def set_municipality(self, municipality: JsonObject) -> None:
        await self.api.put(f"/booking/v1/municipalities/{municipality['code']}", municipality)

    async def municipalities(self) -> list[JsonObject]:
        return [item async for item in self.api.listing("/booking/v1/municipalities")]

    async def add_course(self, course: JsonObject, **sent: Unpack[Sent]) -> UUID:
        return UUID((await self.api.post("/booking/v1/courses", course, **sent))["id"])

    async def add_trainer(self, trainer: JsonObject, **sent: Unpack[Sent]) -> UUID:
        return UUID((await self.api.post("/booking/v1/trainers", trainer, **sent))["id"])

    async def schedule(self, session: JsonObject, **sent: Unpack[Sent]) -> SessionShown:
        return await self.api.made(SessionShown, "/booking/v1/sessions", session, **sent)

    async def call_off(self, session: UUID, cause: str, **sent: Unpack[Sent]) -> None:
        path = f"/booking/v1/sessions/{session}/cancel"
        await self.api.post(path, {"cause": cause}, **sent)

    async def report_absence(
        self, trainer: UUID, first: date, last: date, reason: str, **sent: Unpack[Sent]
    ) -> AbsenceShown:
        """A trainer is away: others take over, or the sessions are called off."""
        body = {"from": first.isoformat(), "to": last.isoformat(), "reason": reason}
        return await self.api.made(AbsenceShown, f"/booking/v1/trainers/{trainer}/absences", body, **sent)

    async def take_in(self, path: str, content: bytes) -> JsonObject:
        """A table of reporting's: what became of each row."""
        files, params = {"file": ("tabell.csv", content, "text/csv")}, {"dry_run": "false"}
        answer: JsonObject = await self.api.post(f"/reporting/v1/{path}", files=files, params=params)
        return answer

    async def economy(self, year: int) -> JsonObject:
        return await self.api.get("/reporting/v1/economy", year=year)

    async def set_goals(self, goals: Sequence[JsonObject]) -> None:
        await self.api.put("/reporting/v1/goals", list(goals))

    async def add_activity(self, activity: JsonObject, **sent: Unpack[Sent]) -> None:
        await self.api.post("/reporting/v1/activities", activity, **sent)

    async def plan(self, term: str) -> PlanShown:
        """The sessions that would meet what all wish for."""
        return await self.api.got(PlanShown, f"/booking/v1/demand/{term}/plan")

    async def conflicts(self) -> list[ConflictShown]:
        """Contradictory marks that wait for a decision."""
        return await self.api.every(ConflictShown, "/attendance/v1/conflicts")

    async def resolve(self, conflict: UUID, choose: UUID | int, reason: str, **sent: Unpack[Sent]) -> None:
        """Decides for one of the marks, or for a number of minutes."""
        chosen = choose if isinstance(choose, int) else str(choose)
        path = f"/attendance/v1/conflicts/{conflict}/resolve"
        await self.api.post(path, {"choose": chosen, "reason": reason}, **sent)

    async def paper_answers(
        self, session: UUID, given: Sequence[JsonObject], invited: int, **sent: Unpack[Sent]
    ) -> None:
        """Answers to the participants' survey that came on paper."""
        body = {"survey": "participant", "invited": invited, "answers": list(given)}
        await self.api.post(f"/attendance/v1/sessions/{session}/survey-answers", body, **sent)

    async def months(self, month: str) -> list[MonthShown]:
        """Everybody's attested hours of a month, with whether they are signed."""
        return await self.api.every(MonthShown, "/attendance/v1/months", month=month)

    async def sign_on_paper(self, shown: MonthShown, document_ref: str, **sent: Unpack[Sent]) -> None:
        """Enters the paper on which somebody certified a month."""
        body = {
            "participant_id": str(shown.participant_id),
            "month": shown.month,
            "method": "paper",
            "document_ref": document_ref,
            "document_hash": shown.document_hash,
        }
        await self.api.post("/attendance/v1/signatures", body, **sent)

    async def send_link(self, participant: UUID) -> None:
        await self.api.post("/attendance/v1/links", {"participant_id": str(participant)})

    async def erase(self, participant: UUID, reason: str) -> UUID:
        """Erases a person. Returns the erasure's id."""
        path = f"/booking/v1/participants/{participant}/erase"
        return UUID((await self.api.post(path, {"reason": reason}))["id"])

    async def erasure(self, erasure: UUID) -> ErasureShown:
        return await self.api.got(ErasureShown, f"/booking/v1/erasures/{erasure}")

    async def mails(self, to: str) -> list[JsonObject]:
        """What was mailed to an address, oldest first. Only a development stack has this call."""
        return list((await self.api.get("/dev/mail", to=to))["items"])

    async def may_read_mails(self) -> bool:
        """Whether the stack catches its mails, and does not hand them to a mail server."""
        try:
            await self.mails("nobody@kursnav.test")
        except ApiError as error:
            if error.status != NOT_FOUND:
                raise
            return False
        return True

    async def sweep(self, now: datetime) -> None:
        """All services do what is due. Only a development stack has this call."""
        for service in SERVICES:
            await self.api.post(f"/dev/sweep/{service}", {"now": now.isoformat()})

    async def order_report(self, order: JsonObject, **sent: Unpack[Sent]) -> UUID:
        """Orders a report; it is frozen a little later."""
        return UUID((await self.api.post("/reporting/v1/reports", order, **sent))["id"])


class Municipality(_Booker, _ReportReader):
    """A municipality's local coordinator: its own rows only."""

    async def declare_blackout(self, first: date, last: date, reason: str, **sent: Unpack[Sent]) -> None:
        """Days on which the municipality can send nobody."""
        body = {"from": first.isoformat(), "to": last.isoformat(), "reason": reason}
        await self.api.post("/booking/v1/blackouts", body, **sent)

    async def wish(self, term: str, seats: Mapping[str, int]) -> None:
        """The seats on each course that the municipality wants in a term."""
        wishes = [{"course": course, "seats": count} for course, count in seats.items()]
        await self.api.put(f"/booking/v1/demand/{term}", {"wishes": wishes})


class Trainer(_RollKeeper):
    """A trainer: own sessions only."""

    async def walk_in(self, session: UUID, walk_in: UUID, **said: str) -> WalkInShown:
        """Somebody came without a registration; what they `said` may tell who it is."""
        body = {"walk_in_id": str(walk_in), **said}
        return await self.api.made(WalkInShown, f"/booking/v1/sessions/{session}/walk-ins", body)

    async def check_in_code(self, session: UUID, occasion: UUID) -> str:
        path = f"/attendance/v1/sessions/{session}/check-in-code"
        return str((await self.api.get(path, occasion_id=str(occasion)))["code"])


class Guest:
    """Somebody without a login, who came by a link out of a mail."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.api = Api(client)

    async def own_page(self, token: str) -> OwnPageShown:
        return await self.api.got(OwnPageShown, f"/attendance/v1/my/{token}")

    async def ask_for_code(self, token: str) -> None:
        await self.api.post(f"/attendance/v1/my/{token}/code")

    async def sign(self, token: str, shown: OwnMonthShown, code: str) -> OwnMonthShown:
        """Signs a month as it was seen, by the code out of the mail."""
        body = {"month": shown.month, "code": code, "document_hash": shown.document_hash}
        return await self.api.made(OwnMonthShown, f"/attendance/v1/my/{token}/sign", body)

    async def check_in(self, token: str, code: str) -> CheckedInShown:
        return await self.api.made(CheckedInShown, "/attendance/v1/check-in", {"code": code, "token": token})

    async def answer(self, token: str, answers: JsonObject) -> None:
        await self.api.post(f"/attendance/v1/surveys/answers/{token}", {"answers": answers, "language": "sv_easy"})

    async def is_genuine(self, digest: str) -> bool:
        """Whether a certificate with this hash was issued and still holds."""
        return bool((await self.api.get("/attendance/v1/certificates/verify", hash=digest))["known"])


class Funder(_ReportReader):
    """The funder's desk officer: figures, reports and seals."""

    async def seals(self, session: UUID) -> JsonObject | list[JsonObject]:
        """Every sealed version of a roll."""
        answer: JsonObject | list[JsonObject] = await self.api.get(f"/attendance/v1/sessions/{session}/seals")
        return answer
