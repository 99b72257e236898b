"""The menu: short enough for one row, with everything that a role may open."""

import pytest

from shared.security.roles import Role
from shared.web.pages.navigation import IN_A_ROW, SECTIONS, sections


@pytest.mark.parametrize("role", Role)
def test_a_menu_stands_in_one_row_and_leads_to_all_that_the_role_has(role: Role) -> None:
    menu = sections(role)
    assert len(menu) <= IN_A_ROW
    allowed = {address for _, links in SECTIONS for roles, address, _ in links if role in roles}
    assert {address for section in menu for address, _ in section.links} == allowed


def test_few_links_stand_without_sections() -> None:
    assert all(len(section.links) == 1 for section in sections(Role.TRAINER))
    assert any(len(section.links) > 1 for section in sections(Role.COORDINATOR))


@pytest.mark.parametrize("role", Role)
def test_a_section_of_one_link_is_called_as_that_leads_to(role: Role) -> None:
    assert all(section.text == section.links[0][1] for section in sections(role) if len(section.links) == 1)
