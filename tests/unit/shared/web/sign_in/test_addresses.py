"""Nobody is led elsewhere by a link to the sign-in."""

import pytest

from shared.web.sign_in.pages import own


@pytest.mark.parametrize("address", ["/", "/boka/personal?q=Åsa&cursor=x", "/kurser#nu"])
def test_an_address_of_ours_is_gone_back_to(address: str) -> None:
    assert own(address) == address


@pytest.mark.parametrize(
    "address",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "boka", "/logga-ut"],
)
def test_any_other_leads_to_the_start(address: str) -> None:
    assert own(address) == "/"
