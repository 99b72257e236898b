"""The page of a survey, for whoever holds its link; and for the office what was answered on paper."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query

from services.attendance.rolls.lock import find_roll
from services.attendance.surveys.answer import answer, questions_of
from services.attendance.surveys.bodies import AnswersBody, PaperBody
from services.attendance.surveys.checks import typed
from services.attendance.surveys.definitions import newest
from services.attendance.surveys.enter_paper_answers import enter_paper_answers, require_possible
from services.attendance.surveys.mails import PAGE
from services.attendance.surveys.queries import sessions_over, surveys_of
from services.attendance.surveys.read_paper import read_paper
from shared.web.admission import by_link
from shared.web.cursors import Page, Paging
from shared.web.fields import Named
from shared.web.pages import Done, View, _, page_router
from shared.web.pages.languages import LANGUAGE
from shared.web.routing import Role, Unit, allow

router = page_router()

PAPER, ROWS = "/narvaro/enkater", 50
ANSWER = PAGE.format("{token}")
Easy = Annotated[Literal["ja", "nej"] | None, Query()]


@router.get(ANSWER)
async def ask(token: Named, latt: Easy = None, unit: Unit = allow(by=by_link)) -> View:
    """In easy Swedish for participants, unless they want another: `latt=nej`, `sprak=en`."""
    asked = await questions_of(unit, token)
    easy = latt == "ja" or (latt is None and asked.survey == "participant")
    words = "en" if LANGUAGE.get() == "en" else "sv_easy" if easy else "sv"
    return View("surveys/answer.html", asked=asked, words=words)


@router.post(ANSWER)
async def send(token: Named, body: AnswersBody, unit: Unit = allow(by=by_link)) -> Done:
    """A second click is thanked too."""
    asked = await questions_of(unit, token)
    if not asked.answered:
        await answer(unit, token, AnswersBody(answers=typed(asked.questions, body.answers)))
    return Done(ANSWER.format(token=token))


@router.get(PAPER)
async def survey_list(page: Paging, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """The sessions that are over: how many were asked about each, and have answered."""
    return View("surveys/sessions.html", listing=await sessions_over(unit, Page(ROWS, page.after, page.path)))


@router.get(f"{PAPER}/{{session_id}}")
async def paper(session_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """Where a stack of paper answers is typed in: a line a form, a digit a question."""
    return View("surveys/paper.html", questions=newest("participant").questions, **await _shown(unit, session_id))


@router.get(f"{PAPER}/{{session_id}}/kontrollera")
async def paper_again(session_id: UUID, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """What is wrong is shown where it was written."""
    return await paper(session_id, unit)


@router.post(f"{PAPER}/{{session_id}}/kontrollera")
async def check_paper(session_id: UUID, body: PaperBody, unit: Unit = allow(Role.COORDINATOR)) -> View:
    """What the lines mean, before they are sent: answers cannot be taken back."""
    read, asked = read_paper(body), newest(body.survey)
    await require_possible(unit, session_id, read)
    counted = {
        one.key: [sum(given.get(one.key) == answer.value for given in read.answers) for answer in one.answers]
        for one in asked.questions
    }
    shown = await _shown(unit, session_id)
    return View("surveys/check.html", body=body, asked=asked, counted=counted, number=len(read.answers), **shown)


@router.post(f"{PAPER}/{{session_id}}")
async def save_paper(session_id: UUID, body: PaperBody, unit: Unit = allow(Role.COORDINATOR)) -> Done:
    read = read_paper(body)
    await enter_paper_answers(unit, session_id, read)
    return Done(f"{PAPER}/{session_id}", _("Saved: %(num)s answers on paper."), num=len(read.answers))


async def _shown(unit: Unit, session_id: UUID) -> dict[str, Any]:
    [session] = await surveys_of(unit, [await find_roll(unit, session_id)])
    return {"session": session, "words": LANGUAGE.get()}
