"""Certificates: who gets which, what stands on them, and who can check them."""

import re
from io import BytesIO
from uuid import UUID, uuid4

import httpx2
import pytest
import pytest_asyncio
from pypdf import PdfReader

from shared.security.roles import Role
from tests.integration.attendance.post import Participant, Post
from tests.support.answers import ok, problem
from tests.support.school import ALWAYS, School
from tests.support.verapdf import inaccessible

pytestmark = pytest.mark.asyncio(loop_scope="module")

VERIFY = "/attendance/v1/certificates/verify?hash="
DEMANDED = ("signature_required", True, "2025-01-01")


@pytest_asyncio.fixture(loop_scope="module")
async def maja(post: Post) -> Participant:
    await post.apply(post.school.project())
    return await post.participant()


def path_of(who: Participant, language: str = "sv") -> str:
    return f"/attendance/v1/certificates/{who.id}/{who.session.id}.pdf?language={language}"


async def fetched(school: School, path: str) -> tuple[str, str]:
    """The text of a certificate, and its hash. It is a PDF/UA-1."""
    answer = await school.coordinator.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in answer.content
    text = " ".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
    joined = re.sub(r"\s", "", text)
    [digest] = re.findall(r"/intyg/([0-9a-f]{64})", joined)
    assert joined.endswith(f"SHA-256{digest}")
    return text, digest


async def is_known(post: Post, digest: str) -> bool:
    known: bool = ok(await post.anybody.get(VERIFY + digest))["known"]
    return known


async def test_a_certificate_says_who_attended_what_and_how_long_and_who_paid(post: Post, maja: Participant) -> None:
    text, digest = await fetched(post.school, path_of(maja))
    for said in ("Intyg", "Maja Ek", "Hjärt-lungräddning", "Medfinansieras av Europeiska unionen"):
        assert said in text
    assert "2,8 timmar" in text.replace("\xa0", " ")
    english, same = await fetched(post.school, path_of(maja, "en"))
    assert "Certificate" in english
    assert "Co-funded by the European Union" in english
    assert same == digest


async def test_anybody_can_ask_whether_a_certificate_is_genuine_and_hears_yes_or_no(
    post: Post, maja: Participant
) -> None:
    _, digest = await fetched(post.school, path_of(maja))
    assert ok(await post.anybody.get(VERIFY + digest)) == {"known": True}
    assert ok(await post.anybody.get(VERIFY + "0" * 64)) == {"known": False}
    assert (await post.anybody.get(VERIFY + "Maja")).status_code == 422


async def test_a_certificate_of_hours_that_were_corrected_holds_no_longer(post: Post, maja: Participant) -> None:
    olle = await post.participant()
    session = await post.attended(maja.id, olle.id)
    both = [Participant(post, one.id, one.address, session, one.link_id, one.token) for one in (maja, olle)]
    digests = [(await fetched(post.school, path_of(one)))[1] for one in both]
    body = {
        "participant_id": str(maja.id),
        "occasion_id": str(session.occasions[0].occasion_id),
        "minutes": 30,
        "reason": "Gick tidigare",
    }
    await post.school.post(f"/sessions/{session.id}/corrections", body, 201)
    assert [await is_known(post, digest) for digest in digests] == [True, True], "the last seal still says so"
    assert problem(await post.school.coordinator.get(path_of(both[0]))) == (404, "not-found")
    await post.school.attest(session)
    assert [await is_known(post, digest) for digest in digests] == [False, True]
    _, corrected = await fetched(post.school, path_of(both[0]))
    assert await is_known(post, corrected)


async def test_without_attested_hours_there_is_no_certificate(post: Post, maja: Participant) -> None:
    session = await post.session(post.clock.at)
    await post.apply(post.school.confirmed(session, maja.id))
    missing = Participant(post, maja.id, maja.address, session, "", "")
    assert problem(await post.school.coordinator.get(path_of(missing))) == (404, "not-found")
    nobody = Participant(post, uuid4(), "", maja.session, "", "")
    assert problem(await post.school.coordinator.get(path_of(nobody))) == (404, "not-found")


async def test_where_signatures_are_demanded_only_signed_hours_are_certified(post: Post, maja: Participant) -> None:
    await post.apply(post.school.project(DEMANDED))
    assert problem(await post.school.coordinator.get(path_of(maja))) == (409, "hours-not-signed")
    own = f"{maja.page}/certificates/{maja.session.id}.pdf"
    assert problem(await post.anybody.get(own)) == (409, "hours-not-signed")
    ok(await maja.sign(await maja.code()))
    await fetched(post.school, path_of(maja))
    await post.apply(post.school.project())


async def test_a_municipality_gets_those_of_whom_it_registered(post: Post, maja: Participant) -> None:
    origin = post.origin
    own = origin.client(Role.MUNICIPALITY, municipality="1884", **ALWAYS)
    other = origin.client(Role.MUNICIPALITY, municipality="1880", **ALWAYS)
    assert (await own.get(path_of(maja))).status_code == 200
    assert problem(await other.get(path_of(maja))) == (404, "not-found")
    for role in (Role.TRAINER, Role.EVALUATOR):
        client = origin.client(role, trainer_id=uuid4(), **ALWAYS)
        assert (await client.get(path_of(maja))).status_code == 403
    assert (await post.anybody.get(path_of(maja))).status_code == 401


async def test_a_protected_identity_has_a_certificate_without_a_name(post: Post) -> None:
    person, address = await post.person(protected=True)
    session = await post.attended(person)
    text, _ = await fetched(post.school, path_of(Participant(post, person, address, session, "", "")))
    assert "Innehavaren av detta intyg" in text


async def test_the_holder_of_a_link_fetches_own_certificates_and_what_was_signed(post: Post, maja: Participant) -> None:
    olle = await post.participant()
    certificate = await post.anybody.get(f"{maja.page}/certificates/{maja.session.id}.pdf")
    assert certificate.status_code == 200
    assert problem(await post.anybody.get(f"{maja.page}/certificates/{olle.session.id}.pdf")) == (404, "not-found")
    document = f"{maja.page}/months/2026-03.pdf"
    unsigned = await post.anybody.get(document)
    before = text_of(unsigned)
    assert "Ort, datum och underskrift" in before
    month = await maja.month()
    ok(await maja.sign(await maja.code()))
    signed = await post.anybody.get(document)
    after = text_of(signed)
    assert "med personlig länk och kod" in after
    assert "Ort, datum och underskrift" not in after
    for text in (before, after):
        assert month["document_hash"] in re.sub(r"\s", "", text)
    assert problem(await post.anybody.get(f"{maja.page}/months/2026-01.pdf")) == (404, "not-found")
    written = {"certificate": certificate, "unsigned": unsigned, "signed": signed}
    assert inaccessible({name: answer.content for name, answer in written.items()}) == []


def text_of(answer: httpx2.Response) -> str:
    content = answer.content
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content
    return " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


async def test_no_certificate_is_stored_with_a_name(post: Post, maja: Participant) -> None:
    await fetched(post.school, path_of(maja))
    rows = await post.origin.rows(
        "attendance", "SELECT statement::text AS said FROM certificates WHERE participant_id = $1", UUID(str(maja.id))
    )
    assert [("Maja" in row["said"], "165" in row["said"]) for row in rows] == [(False, True)]
