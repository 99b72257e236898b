"""The days that phones fetch at the same moment, read for all of them: each then has to be written only."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from services.attendance.marks.together import PATIENCE_SECONDS
from services.attendance.phone.bodies import DayShown
from services.attendance.phone.day import days_of
from shared.web.combined import Answer, Member
from shared.web.etags import digest_of, is_known
from shared.web.fields import Day
from shared.web.problems import language_of
from shared.web.routing import Exchange

Asked = tuple[UUID, date, str]
"""A trainer, a local day and a language."""
WEIGHT = 2
NOTED = "/v1/sync"
BEHIND_SECONDS = 0.5
"""For which a day lets marks pass at most: a hundred phones are served by then."""
DAY: TypeAdapter[date] = TypeAdapter(Day)


class DaysTogether:
    """The kind of request (`shared.web.combined.Kind`)."""

    patience = PATIENCE_SECONDS

    async def asked(self, exchange: Exchange) -> Asked | None:
        """Phones that return first send what they noted: those are served before the others' days are read."""
        noted = exchange.request.app.state.lanes.get(NOTED)
        if noted is not None:
            await noted.go_behind(BEHIND_SECONDS)
        trainer, day = exchange.caller.trainer_id, _day(exchange.request.path_params["date"])
        return (trainer, day, language_of(exchange.request)) if trainer is not None and day is not None else None

    def weight(self, asked: Asked) -> int:
        return WEIGHT

    async def answers(self, members: Sequence[Member[Asked]]) -> Sequence[Answer]:
        alike: defaultdict[tuple[date, str], set[UUID]] = defaultdict(set)
        for member in members:
            trainer, day, language = member.asked
            alike[day, language].add(trainer)
        unit = members[0].unit
        found = {kind: await days_of(unit, trainers, *kind) for kind, trainers in alike.items()}
        return [
            day_answer(member.exchange.request, found[day, language][trainer])
            for member in members
            for trainer, day, language in [member.asked]
        ]


def day_answer(request: Request, day: DayShown) -> Response:
    """304 while nothing of it has changed."""
    content, time = (day.model_dump_json(exclude={"server_time"}), day.model_dump_json(include={"server_time"}))
    tag = digest_of(content)
    if is_known(request, tag):
        return Response(status_code=304, headers={"ETag": tag})
    # Written once, put together here: most of what a day costs is writing it.
    return Response(f"{time[:-1]},{content[1:]}", media_type="application/json", headers={"ETag": tag})


def _day(text: str) -> date | None:
    """What is none goes the way of requests alone, which says so."""
    try:
        return DAY.validate_strings(text)
    except ValidationError:
        return None
