"""CloudEvents in binary mode: what is written can be read, and what cannot be read says why."""

import json
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from shared.contracts.booking_v1 import RegistrationWaitlisted, ShareReleased, TrainerReplaced
from shared.contracts.envelope import BadRecord, decode, encode_headers, encode_value, event_id_of
from shared.contracts.people_v1 import PersonChanged
from shared.contracts.registry import EventData, key_of
from shared.contracts.surveys_v1 import SurveyAnswered
from shared.contracts.topics import BOOKING, PARTICIPANTS, PEOPLE, SURVEYS
from shared.security.cipher import Cipher

AT = datetime(2025, 3, 3, 22, 30, 15, 123456, tzinfo=UTC)
SESSION = UUID("0194d2c0-0000-7000-8000-000000000001")
KEY = str(SESSION).encode()
RELEASED = ShareReleased(session_id=SESSION, municipality="1884", seats=2)
CIPHER = Cipher({"k1": b"1" * 32}, active="k1")

Raw = list[tuple[str, bytes | None]]


def headers(contract: type[EventData] = ShareReleased, **replaced: bytes | None) -> Raw:
    texts = encode_headers(
        contract,
        event_id=uuid4(),
        source="/kursnav/booking",
        subject=f"session/{SESSION}",
        time=AT,
        recorded_at=AT,
        sequence=7,
        correlation_id="request-1",
        causation_id="event-1",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )
    raw: dict[str, bytes | None] = {name: text.encode() for name, text in texts.items()}
    return list((raw | replaced).items())


VALUE = encode_value(RELEASED, key=str(SESSION))


def refused(
    raw: Raw, *, value: bytes | None = VALUE, key: bytes | None = KEY, cipher: Cipher | None = None
) -> BadRecord:
    with pytest.raises(BadRecord) as bad:
        decode(BOOKING, key, value, raw, cipher)
    return bad.value


def test_an_event_comes_back_as_it_was_written() -> None:
    envelope, data = decode(BOOKING, KEY, VALUE, headers())
    assert data == RELEASED
    assert (envelope.type, envelope.subject, envelope.sequence) == (RELEASED.ce_type, f"session/{SESSION}", 7)
    assert (envelope.time, envelope.recorded_at) == (AT, AT)
    assert (envelope.correlation_id, envelope.causation_id) == ("request-1", "event-1")


def test_times_are_written_in_utc_with_z() -> None:
    written = dict(headers())["ce_time"]
    assert written == b"2025-03-03T22:30:15.123456Z"


def test_a_field_of_a_newer_minor_version_is_ignored() -> None:
    value = json.dumps(json.loads(VALUE) | {"invented_later": 1}).encode()
    raw = headers(ce_dataschema=b"https://kursnav.se/schemas/se.kursnav.booking.share-released.v1/1")
    assert decode(BOOKING, KEY, value, raw)[1] == RELEASED


def test_a_field_named_by_a_python_keyword_keeps_its_public_name() -> None:
    replaced = TrainerReplaced(from_=SESSION, to=uuid4())
    value = encode_value(replaced, key=str(SESSION))
    assert json.loads(value).keys() == {"from", "to"}
    assert decode(BOOKING, KEY, value, headers(TrainerReplaced))[1] == replaced


def test_a_foreign_header_does_no_harm() -> None:
    assert decode(BOOKING, KEY, VALUE, [*headers(), ("x-proxy", b"1"), ("empty", None)])[1] == RELEASED


class TestTombstones:
    def test_on_a_compacted_topic_a_missing_value_means_erased(self) -> None:
        raw = headers(PersonChanged)
        envelope, data = decode(PEOPLE, b"person/1", None, raw)
        assert (envelope.type, data) == (PersonChanged.ce_type, None)

    def test_elsewhere_it_is_damage(self) -> None:
        assert refused(headers(), value=None).reason == "tombstone"


class TestPoison:
    @pytest.mark.parametrize(
        "name", ["ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_recordedtime", "ce_sequence"]
    )
    def test_a_missing_header_is_named(self, name: str) -> None:
        bad = refused([header for header in headers() if header[0] != name])
        assert (bad.reason, name in bad.detail) == ("missing-header", True)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("ce_id", b"17"),
            ("ce_time", b"yesterday"),
            ("ce_time", b"2025-03-03T10:00:00"),
            ("ce_time", b"9999-12-31T23:30:00Z"),
            ("ce_recordedtime", b"0001-01-01T00:00:00Z"),
            ("ce_sequence", b"-1"),
            ("ce_sequence", "٣".encode()),
        ],
    )
    def test_a_malformed_header(self, name: str, value: bytes) -> None:
        assert refused(headers(ShareReleased, **{name: value})).reason == "malformed-header"

    def test_of_two_ids_the_last_is_the_event_s_and_its_dead_letter_s(self) -> None:
        first, last = uuid4(), uuid4()
        twice = [*headers(ce_id=str(first).encode()), ("ce_id", str(last).encode())]
        assert decode(BOOKING, KEY, VALUE, twice)[0].id == event_id_of(twice) == last

    def test_what_is_said_of_a_header_is_shorter_than_the_header(self) -> None:
        bad = refused(headers(ce_type=b"x" * 100_000))
        assert (bad.reason, len(bad.detail) < 600) == ("unknown-type", True)

    def test_a_header_that_is_not_utf8_is_named_whatever_it_is(self) -> None:
        bad = refused([*headers(), ("x-note", b"\xff\xfe")])
        assert (bad.reason, "x-note" in bad.detail) == ("header-not-utf8", True)

    def test_any_other_name_is_none_of_our_business(self) -> None:
        assert decode(BOOKING, KEY, VALUE, [*headers(), ("å\x00\ud7ff", b"v")])

    def test_no_cloudevent(self) -> None:
        assert refused([]).reason == "not-cloudevents"

    def test_another_content_type(self) -> None:
        assert refused([*headers(), ("content-type", b"application/avro")]).reason == "wrong-content-type"

    def test_an_unknown_type_says_what_to_do(self) -> None:
        bad = refused(headers(ce_type=b"se.kursnav.booking.lunch-served.v1"))
        assert (bad.reason, "update this service" in bad.detail) == ("unknown-type", True)

    def test_a_type_of_another_topic(self) -> None:
        with pytest.raises(BadRecord, match="wrong-topic"):
            decode(PARTICIPANTS, KEY, VALUE, headers())

    def test_a_missing_key(self) -> None:
        assert refused(headers(), key=None).reason == "missing-key"

    def test_a_key_that_is_not_utf8(self) -> None:
        assert refused(headers(), key=b"\xff").reason == "key-not-utf8"

    @pytest.mark.parametrize("value", [b"", b"{", b"\xff", b"{'seats': 1}"])
    def test_broken_json(self, value: bytes) -> None:
        assert refused(headers(), value=value).reason == "broken-json"

    @pytest.mark.parametrize("number", [b"1e5000", b"-1.5E+400", b"1e0309"])
    def test_an_endless_number_in_whatever_field(self, number: bytes) -> None:
        assert refused(headers(), value=VALUE[:-1] + b', "further": {"x": ' + number + b"}}").reason == "endless-number"

    @pytest.mark.parametrize("fine", [b"1e300", b"1e-5000", b'"Sal 2E1000"', b'"1e5000"'])
    def test_what_looks_like_one_and_is_none_passes(self, fine: bytes) -> None:
        assert decode(BOOKING, KEY, VALUE[:-1] + b', "further": ' + fine + b"}", headers())[1] is not None

    @pytest.mark.parametrize(
        "change",
        [{"seats": "2"}, {"seats": -1}, {"seats": 1.5}, {"municipality": "Nora"}, {"session_id": "x"}, {"seats": None}],
    )
    def test_a_wrong_schema_names_the_field(self, change: dict[str, object]) -> None:
        bad = refused(headers(), value=json.dumps(json.loads(VALUE) | change).encode())
        assert (bad.reason, next(iter(change)) in bad.detail) == ("wrong-schema", True)

    @pytest.mark.parametrize("value", [b"[]", b"null", b"1"])
    def test_json_that_is_no_object(self, value: bytes) -> None:
        assert refused(headers(), value=value).reason == "wrong-schema"

    def test_a_position_before_the_first(self) -> None:
        fields = {
            "registration_id": SESSION,
            "session_id": SESSION,
            "participant_id": SESSION,
            "employment_id": SESSION,
        }
        value = json.dumps(
            {name: str(value) for name, value in fields.items()} | {"municipality": "1884", "position": 0}
        )
        bad = refused(headers(RegistrationWaitlisted), value=value.encode())
        assert (bad.reason, "position" in bad.detail) == ("wrong-schema", True)

    def test_a_message_never_quotes_the_value(self) -> None:
        value = encode_value(
            PersonChanged(family_name="Hemlig", language="sv", protected=False), key="person/1", cipher=CIPHER
        )
        plain = CIPHER.encrypt(
            b'{"family_name": ["Hemlig"], "language": "sv", "protected": "Hemlig"}', b"person/1"
        ).to_json()
        for poison in (value[:-9], plain):
            with pytest.raises(BadRecord) as bad:
                decode(PEOPLE, b"person/1", poison, headers(PersonChanged), CIPHER)
            assert "Hemlig" not in str(bad.value)

    def test_the_id_of_a_bad_record_is_found_when_it_is_there(self) -> None:
        assert event_id_of([("x", b"\xff"), ("ce_id", str(SESSION).encode())]) == SESSION
        assert event_id_of([("ce_id", b"\xff")]) is None
        assert event_id_of([]) is None


class TestPeople:
    PERSON = PersonChanged(given_name="Åsa", family_name="Öberg", language="sv", protected=False)

    def test_values_are_boxes_without_the_text(self) -> None:
        value = encode_value(self.PERSON, key="person/1", cipher=CIPHER)
        assert json.loads(value).keys() == {"kid", "nonce", "box"}
        assert decode(PEOPLE, b"person/1", value, headers(PersonChanged), CIPHER)[1] == self.PERSON

    def test_a_box_opens_only_under_its_own_key(self) -> None:
        value = encode_value(self.PERSON, key="person/1", cipher=CIPHER)
        with pytest.raises(BadRecord, match="cannot-decrypt"):
            decode(PEOPLE, b"person/2", value, headers(PersonChanged), CIPHER)

    def test_without_keys_nothing_is_read_and_nothing_is_written(self) -> None:
        value = encode_value(self.PERSON, key="person/1", cipher=CIPHER)
        with pytest.raises(BadRecord, match="KURSNAV_PEOPLE_KEYS"):
            decode(PEOPLE, b"person/1", value, headers(PersonChanged))
        with pytest.raises(ValueError, match="KURSNAV_PEOPLE_KEYS"):
            encode_value(self.PERSON, key="person/1")

    def test_a_plain_value_on_the_encrypted_topic_is_refused(self) -> None:
        with pytest.raises(BadRecord, match="cannot-decrypt"):
            decode(PEOPLE, b"person/1", b'{"language":"sv","protected":false}', headers(PersonChanged), CIPHER)


class TestAnonymousAnswers:
    ANSWER = SurveyAnswered(
        survey="participant", audience="participant", version=1, answers={"helped": "high", "confidence": 5}
    )

    def test_no_header_leads_to_a_person(self) -> None:
        assert {"ce_correlationid", "ce_causationid", "traceparent"}.isdisjoint(dict(headers(SurveyAnswered)))

    def test_both_times_are_the_local_day(self) -> None:
        envelope, data = decode(SURVEYS, KEY, encode_value(self.ANSWER, key="s"), headers(SurveyAnswered))
        assert envelope.time == envelope.recorded_at == datetime(2025, 3, 2, 23, tzinfo=UTC)  # 3 March begins in Sweden
        assert data == self.ANSWER

    def test_free_text_is_refused(self) -> None:
        with pytest.raises(ValueError, match="answers"):
            SurveyAnswered(
                survey="participant", audience="participant", version=1, answers={"why": "Because Anna said so"}
            )


def test_the_key_follows_from_the_data_where_it_can() -> None:
    assert key_of(RELEASED) == str(SESSION)
    with pytest.raises(ValueError, match="does not name its key"):
        key_of(TrainerReplaced(from_=SESSION, to=SESSION))


def test_an_id_or_a_text_that_looks_like_a_large_number_is_none() -> None:
    value = VALUE[:-1] + b', "id": "7e9991e9-12e9-4000", "text": "1e999, 2e999"}'
    assert decode(BOOKING, KEY, value, headers())[1] == RELEASED
