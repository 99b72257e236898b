"""What the project office reads of answers: by course and session, and nothing of fewer than five."""

import re

from shared.security.roles import Role
from tests.integration.reporting.publishing import publish
from tests.support.browsers import browser
from tests.support.services import running
from tests.support.stack import Stack
from tests.support.story import Story, at

PAGE = "/uppfoljning/enkater"


def row(page: str, name: str) -> list[str]:
    """The cells of the row that begins with a name."""
    [found] = re.findall(rf"<tr[^>]*>\s*<th[^>]*>(?:<a[^>]*>)?{name}(?:</a>)?</th>(.*?)</tr>", page, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", "", cell).split()) for cell in re.findall(r"<td.*?</td>", found, re.DOTALL)]


async def test_the_office_reads_shares_where_five_have_answered(stack: Stack) -> None:
    story = Story()
    story.project()
    many = story.session("many", (at("2025-03-03"), 180), course="TR1")
    few = [story.session(f"few {n}", (at(f"2025-04-0{n}"), 180), course="TR1") for n in (1, 2)]
    other = story.session("other", (at("2025-05-05"), 180), course="PALS")
    story.invite(many, 10)
    for n in range(6):
        story.answer(many, helped="high" if n < 3 else "low", confidence=4)
    for session in few:
        story.invite(session, 4)
        for _ in range(3):
            story.answer(session, helped="high")
    story.invite(other, 8)
    for _ in range(4):
        story.answer(other, helped="not_at_all")
    for _ in range(5):
        story.answer(many, "manager", helped="fairly_high")
    async with running(stack, ["reporting"]) as origin:
        await publish(origin, story.told)
        office = browser(origin, Role.COORDINATOR)
        page = (await office.get(PAGE)).text
        assert row(page, "TR1") == ["12 av 18", "75 % (12 svar)", "4 (6 svar)", "–"]
        assert row(page, "PALS") == ["4 av 8", "–", "–", "–"], "four answers are told to nobody"
        assert row(page, "Alla tillsammans") == ["16 av 26", "75 % (12 svar)", "4 (6 svar)", "–"]
        course = (await office.get(f"{PAGE}?course=TR1&year=2025")).text
        assert row(course, "3 mars 2025") == ["6 av 10", "50 % (6 svar)", "4 (6 svar)", "–"]
        assert row(course, "1 apr. 2025") == ["3 av 4", "–", "–", "–"]
        assert row((await office.get(f"{PAGE}?audience=manager")).text, "TR1")[1] == "100 % (5 svar)"
        assert "Inga svar" in (await office.get(f"{PAGE}?course=HLR")).text
        assert (await browser(origin, Role.FUNDER).get(PAGE)).status_code == 403
        assert (await browser(origin, Role.MUNICIPALITY, municipality="1884").get(PAGE)).status_code == 403
