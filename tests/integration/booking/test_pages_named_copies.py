"""The page of named copies: the office's alone; what is no frozen report is refused, and nothing of a form is kept."""

from shared.security.roles import Role
from tests.support.browsers import browser
from tests.support.services import api
from tests.support.stack import Stack

PAGE = "/boka/namngivna-kopior"


async def test_a_file_that_is_no_frozen_report_is_refused_on_the_page(stack: Stack) -> None:
    async with api(stack, "booking") as origin:
        office = browser(origin, Role.COORDINATOR)
        page = await office.get(PAGE)
        assert page.status_code == 200
        assert 'name="_key"' not in page.text, "an answer with names is kept for nobody who sends the form again"
        sent = {"file": ("rapport.json", b'{"kind": "participants"}')}
        refused = await office.post(PAGE, data={"format": "pdf"}, files=sent)
        assert refused.status_code == 422
        assert "<title>Fel: Hämta en kopia med namn" in refused.text
        assert (await browser(origin, Role.FUNDER).get(PAGE)).status_code == 403
