"""What phones send at the same moment, in one transaction: a county's trainers come back into coverage at noon."""

from collections.abc import Sequence

from services.attendance.marks.together import (
    PATIENCE_SECONDS,
    Sent,
    in_system,
    record_together,
    share,
    take_together,
)
from services.attendance.phone.bodies import SyncBody, SyncShown
from services.attendance.phone.sync import Call, answer_of, beside_marks
from shared.web.combined import Answer, Member
from shared.web.problems import language_of
from shared.web.routing import Exchange


class SyncTogether:
    """The kind of request (`shared.web.combined.Kind`)."""

    patience = PATIENCE_SECONDS

    async def asked(self, exchange: Exchange) -> Call | None:
        """None for a session that comes twice, which `sync` takes one after the other, and for what it refuses."""
        body = await exchange.request.json()
        if not isinstance(body, SyncBody) or body.trainer_id not in (None, exchange.caller.trainer_id):
            return None
        once = len({each.session_id for each in body.sessions}) == len(body.sessions) > 0
        return Call(body, language_of(exchange.request), None) if once else None

    def weight(self, asked: Call) -> int:
        sessions = asked.body.sessions
        others = sum(len(each.walk_ins) + len(each.head_counts) for each in sessions)
        return others + share(sum(len(each.marks) for each in sessions))

    async def answers(self, members: Sequence[Member[Call]]) -> Sequence[Answer]:
        sent = [_sent(member) for member in members]
        async with in_system(sent):
            fates = await take_together(sent)
            ready = [(one, member.asked) for one, member in zip(sent, members, strict=True) if one not in fates]
            others = [await beside_marks(one.unit, call.body.sessions, one.rolls, one.language) for one, call in ready]
            marks = await record_together([one for one, _ in ready])
        shown = {
            one: SyncShown(
                server_time=one.unit.recorded_at,
                sessions=[
                    answer_of(one.rolls[each.session_id], each, beside, marked, one.language)
                    for each in call.body.sessions
                ],
            )
            for (one, call), beside, marked in zip(ready, others, marks, strict=True)
        }
        return [fates[one] if one in fates else shown[one] for one in sent]


def _sent(member: Member[Call]) -> Sent:
    call = member.asked
    return Sent(member.unit, call.language, {each.session_id: call.marks_of(each) for each in call.body.sessions})
