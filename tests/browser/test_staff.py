"""People of the staff: added, changed and gone; two that are one human; and one who is erased."""

import pytest

from shared.clock import local_day
from shared.web.pages.formatting import short_day
from tests.browser.conftest import Handed
from tests.browser.hands import WAYS
from tests.browser.site import Site, session
from tests.support.booking_world import DAY, NORA, OREBRO, personal_number

pytestmark = pytest.mark.asyncio(loop_scope="session")

NUMBERS = {way: 8100 + 10 * place for place, way in enumerate(WAYS)}


async def test_a_person_is_added_changed_and_leaves(site: Site, handed: Handed, way: str) -> None:
    world, hand, name = site.world, await handed("kommun"), f"Anställd{way[:2]}"
    await hand.open("/boka/personal")
    await hand.go_on("Lägg till en person")
    await hand.write("Personnummer", personal_number(NUMBERS[way]))
    await hand.write("Förnamn", "Asta")
    await hand.write("Efternamn", name)
    await hand.write("Arbetsställe", "Hagby")
    await hand.pick("Titel", "Undersköterska")
    await hand.choose("Baspersonal")
    await hand.press("Lägg till")
    [asta] = (await world.get("/booking/v1/staff", q=name))["items"]
    assert (asta["title"], asta["category"]) == ("assistant_nurse", "base")

    await hand.write("Telefon (frivilligt)", "070-174 06 05")
    await hand.press("Spara")
    assert (await world.get(f"/booking/v1/staff/{asta['id']}"))["phone"]

    before, after = await session(site, 83), await session(site, 85)
    await world.outcomes(before, asta["id"])
    await world.outcomes(after, asta["id"])
    last = local_day(world.clock.at + 84 * DAY)
    await hand.follow("Avsluta anställningen")
    await hand.day("Sista dag", f"{last}")
    await hand.go_on("Visa")
    await hand.reads("1 anmälan avbokas.")
    await hand.press(f"Avsluta anställningen {short_day(last)}")
    assert [(await world.statuses(one, asta["id"]))[0] for one in (before, after)] == ["confirmed", "cancelled"]


async def test_two_participants_become_one_who_is_then_erased(site: Site, handed: Handed, way: str) -> None:
    world, hand, name = site.world, await handed("samordnare"), f"Dubbel{way[:2]}"
    numbers = [personal_number(NUMBERS[way] + each) for each in (1, 2)]
    twice = [
        await world.staff(code, number=number, given_name="Dag", family_name=name)
        for code, number in zip((OREBRO, NORA), numbers, strict=True)
    ]
    await hand.open(f"/boka/personal/{twice[0]}")
    await hand.follow("Slå ihop med en annan deltagare")
    await hand.write("Personnummer för den som blir kvar", numbers[1])
    await hand.go_on("Fortsätt")
    await hand.write("Skäl", "Lades in två gånger")
    await hand.press("Slå ihop de två")
    one, other = [(await world.get(f"/booking/v1/staff/{each}"))["participant_id"] for each in twice]
    assert one == other

    await hand.follow("Radera personen")
    await hand.write("Skäl", "Har bett om det")
    await hand.go_on("Radera personen")
    await hand.reads("Bokning Klart Närvaro Klart")
