"""What an operator does about dead letters, over HTTP."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from shared.contracts.topics import BOOKING
from shared.messaging import dead_letters, parking
from shared.messaging.pipeline import TryAgain
from shared.security.roles import Role
from shared.web import cursors
from tests.support.events import headers_of, record
from tests.support.eventually import eventually
from tests.support.kafka_log import put
from tests.support.notes import Notes
from tests.support.poison import FORMS

SESSION, OTHER = uuid4(), uuid4()


class TestDeadLetters:
    @pytest.fixture
    async def failed(self, at_work: Notes) -> Notes:
        """Sequence 2 of a session failed; 3 waits behind it."""
        at_work.broken = {2}
        await at_work.write(uuid4(), 1, 2, 3)
        position = await at_work.caught_up()
        assert (position["dead_letters"], position["parked"]) == (1, 1)
        return at_work

    async def test_they_are_listed_with_why_and_what(self, failed: Notes) -> None:
        dead, parked = await failed.letters()
        assert (dead["state"], dead["reason"], dead["consumer"]) == ("dead", "ValueError", "rolls")
        assert "the rule is missing" in dead["detail"]
        assert parked["state"] == "parked"
        one = await failed.ask(f"/v1/dead-letters/{dead['id']}")
        assert (one.json(), one.headers["etag"]) == ({**dead, "waiting": 1}, '"0"')
        assert dict(dead["headers"])["ce_sequence"] == "2"

    async def test_replayed_too_early_it_stays_and_says_why(self, failed: Notes) -> None:
        [dead, _] = await failed.letters()
        answer = await failed.decide(dead["id"], "replay")
        assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (409, "replay-failed")
        assert "ValueError: the rule is missing" in answer.json()["detail"]
        assert (answer.json()["dead_letter"], answer.json()["applied"]) == (dead["id"], 0)
        assert [letter["state"] for letter in await failed.letters()] == ["dead", "parked"]

    async def test_replayed_once_mended_the_whole_key_is_applied_in_order(self, failed: Notes) -> None:
        [dead, _] = await failed.letters()
        failed.broken.clear()
        answer = await failed.decide(dead["id"], "replay")
        assert (answer.status_code, answer.json()["state"], answer.json()["decided_by"]) == (
            200,
            "replayed",
            "operator-1",
        )
        assert (answer.json()["applied"], answer.json()["waiting"]) == (2, 0)
        assert await failed.effects() == [1, 2, 3]
        position = await failed.position()
        assert (position["dead_letters"], position["parked"]) == (0, 0)
        assert (await failed.decide(dead["id"], "replay")).status_code == 409
        [letter, _] = await failed.letters()
        assert (await failed.ask(f"/v1/dead-letters/{letter['id']}")).headers["etag"] == '"1"'

    async def test_a_replay_whose_answer_was_lost_is_answered_again(self, failed: Notes) -> None:
        """It commits event by event, before its answer is kept: the same request finds it done."""
        [dead, _] = await failed.letters()
        failed.broken.clear()
        assert (await failed.decide(dead["id"], "replay", key="first")).json()["applied"] == 2
        await failed.rows("DELETE FROM idempotency_keys")
        again = await failed.decide(dead["id"], "replay", key="first")
        assert (again.status_code, again.json()["state"], again.json()["applied"]) == (200, "replayed", 0)
        other = await failed.decide(dead["id"], "replay", reason="another", key="second")
        assert (other.status_code, other.json()["type"].rpartition("/")[2]) == (409, "already-decided")

    async def test_a_replay_that_is_only_held_up_is_503(self, failed: Notes) -> None:
        [dead, _] = await failed.letters()
        failed.broken.clear()
        failed.error = TryAgain("the seats are counted")
        failed.broken = {2}
        answer = await failed.decide(dead["id"], "replay")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")

    async def test_many_replays_at_once_leave_connections_to_others(self, failed: Notes) -> None:
        """Each takes a second connection: as many as there are connections would wait for each other."""
        [dead, _] = await failed.letters()
        *replays, position = await asyncio.gather(
            *(failed.decide(dead["id"], "replay", reason=str(number)) for number in range(40)),
            failed.ask("/v1/position"),
        )
        assert position.status_code == 200
        said = {(answer.status_code, answer.json()["detail"].partition(".")[0][:23]) for answer in replays}
        assert said == {(409, f"Händelse {dead['id'][:14]}"), (503, "Andra omkörningar pågår")}

    async def test_a_discard_waits_for_what_is_joining_the_queue(self, failed: Notes) -> None:
        """Else an event could be parked behind nothing, and nobody would look for it."""
        [dead, _] = await failed.letters()
        async with failed.service.units.system() as joining:
            await parking.lock(joining, "rolls", dead["topic"], dead["key"].encode())
            discarding = asyncio.create_task(failed.decide(dead["id"], "discard"))
            done, _ = await asyncio.wait({discarding}, timeout=0.5)
            assert not done
        answer = await discarding
        assert (answer.json()["state"], answer.json()["waiting"]) == ("discarded", 1)

    async def test_discarded_with_a_reason_the_row_stays(self, failed: Notes) -> None:
        [dead, parked] = await failed.letters()
        assert (await failed.decide(dead["id"], "discard", reason="")).status_code == 422
        answer = await failed.decide(dead["id"], "discard", reason="entered by mistake")
        assert (answer.json()["state"], answer.json()["decision_reason"]) == ("discarded", "entered by mistake")
        assert (await failed.decide(parked["id"], "replay")).status_code == 200
        assert await failed.effects() == [1, 3]
        assert (await failed.decide(dead["id"], "discard", reason="again")).status_code == 409

    async def test_only_operators_and_coordinators_decide(self, failed: Notes) -> None:
        [dead, _] = await failed.letters()
        for role in (Role.MUNICIPALITY, Role.FUNDER, Role.EVALUATOR):
            assert (await failed.ask("/v1/dead-letters", role)).status_code == 403
            assert (await failed.decide(dead["id"], "discard", role=role)).status_code == 403

    async def test_what_is_no_text_is_shown_all_the_same(self, at_work: Notes) -> None:
        headers = [*headers_of(uuid4()), ("x-note", b"\xff\xfe")]
        await put(at_work.stack.bootstrap_servers, at_work.prefix + BOOKING.name, [(b"\xff", b"\x00\xff", headers)])
        await eventually(at_work.letters, until=lambda letters: len(letters) == 1)
        [letter] = await at_work.letters()
        assert letter["reason"] == "header-not-utf8"
        assert letter["value_base64"] == "AP8="

    async def test_whatever_the_poison_it_can_be_shown_replayed_in_vain_and_discarded(self, at_work: Notes) -> None:
        poison = [form.on(BOOKING) for form in FORMS if BOOKING in form.topics]
        await put(at_work.stack.bootstrap_servers, at_work.prefix + BOOKING.name, poison)
        await eventually(at_work.position, until=lambda seen: seen["dead_letters"] == len(poison), what="all are dead")
        for letter in await at_work.letters():
            shown = await at_work.ask(f"/v1/dead-letters/{letter['id']}")
            replayed = await at_work.decide(letter["id"], "replay")
            discarded = await at_work.decide(letter["id"], "discard")
            answered = (shown.status_code, replayed.status_code, discarded.status_code)
            assert answered == (200, 409, 200), (letter, replayed.text, discarded.text)
            assert f"({letter['reason']}: {letter['detail']})" in replayed.json()["detail"]

    async def test_unknown_and_malformed_ids(self, at_work: Notes) -> None:
        assert (await at_work.ask(f"/v1/dead-letters/{uuid4()}")).status_code == 404
        assert (await at_work.ask("/v1/dead-letters/17")).status_code == 422

    async def test_a_cursor_that_this_list_did_not_give_is_refused(self, at_work: Notes) -> None:
        path = "/v1/dead-letters"
        keys: list[list[Any]] = [[], ["now", BOOKING.name, 0, 0, str(uuid4())], [1, 2, 3, 4, 5]]
        forged = [cursors.encode(key, path) for key in keys]
        for cursor in (*forged, cursors.encode([], "/v1/sessions"), "x"):
            answer = await at_work.ask(f"{path}?cursor={cursor}")
            assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "invalid-cursor")

    async def test_a_state_that_is_none_is_refused(self, at_work: Notes) -> None:
        answer = await at_work.ask("/v1/dead-letters?state=open")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/query/state/0")


class TestManyDeadLetters:
    """Of two consumers, more than a page of them within one batch."""

    @pytest.fixture
    async def many(self, at_work: Notes) -> Notes:
        async with at_work.service.units.system() as unit:
            for offset in range(1, 121):
                await dead_letters.bury(unit, "rolls", record(SESSION, offset), "broken-json", "is not JSON")
            await dead_letters.bury(unit, "seats", record(OTHER, 1), "parked", "waits", state="parked")
            await dead_letters.bury(unit, "seats", record(OTHER, 2), "wrong-schema", "is not a session")
            [letter] = await unit.all("SELECT id FROM dead_letters WHERE reason = 'wrong-schema'")
            await dead_letters.decide(unit, letter["id"], "discarded", "entered twice")
        return at_work

    async def test_the_cursor_leads_through_all_as_they_stand_on_their_topic(self, many: Notes) -> None:
        first = (await many.ask("/v1/dead-letters?consumer=rolls")).json()
        assert len(first["items"]) == 100
        second = (await many.ask(f"/v1/dead-letters?consumer=rolls&cursor={first['next']}")).json()
        assert [letter["offset"] for letter in (*first["items"], *second["items"])] == list(range(1, 121))
        assert second["next"] is None

    async def test_filters(self, many: Notes) -> None:
        expected = {
            "": 122,
            "state=dead": 120,
            "state=dead&state=parked": 121,
            "consumer=seats": 2,
            "consumer=seats&state=discarded": 1,
            f"key={SESSION}": 120,
            f"key={OTHER}&state=parked": 1,
            "key=nobody's": 0,
            "consumer=none": 0,
        }
        answers = {filters: await many.ask(f"/v1/dead-letters?limit=500&{filters}") for filters in expected}
        assert {filters: len(answer.json()["items"]) for filters, answer in answers.items()} == expected

    async def test_counts(self, many: Notes) -> None:
        everything = (await many.ask("/v1/dead-letters/counts")).json()
        assert everything == {"dead": 120, "parked": 1, "replayed": 0, "discarded": 1}
        of_seats = (await many.ask(f"/v1/dead-letters/counts?consumer=seats&key={OTHER}", Role.COORDINATOR)).json()
        assert of_seats == {"dead": 0, "parked": 1, "replayed": 0, "discarded": 1}
        assert (await many.ask("/v1/dead-letters/counts", Role.FUNDER)).status_code == 403
