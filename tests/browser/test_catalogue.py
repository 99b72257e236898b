"""What the office offers: a course, the package that it belongs to, and the title that asks for it."""

import pytest

from tests.browser.conftest import Handed
from tests.browser.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_course_a_package_and_a_title_are_added(site: Site, handed: Handed, way: str) -> None:
    world, hand, code, title = site.world, await handed("samordnare"), f"NY{way[:2].upper()}", f"Nyhet {way}"
    await hand.open("/boka/kurser")
    await hand.go_on("Lägg till en kurs")
    await hand.write("Kod", code)
    await hand.write("Kursens namn", title)
    await hand.write("Längd i minuter", "180")
    await hand.tick("Baspersonal")
    await hand.press("Spara")
    [course] = [one for one in (await world.get("/booking/v1/courses", limit=500))["items"] if one["code"] == code]
    assert (course["title"], course["duration_minutes"], course["categories"]) == (title, 180, ["base"])

    await hand.follow("Kurspaket")
    await hand.go_on("Lägg till ett paket")
    await hand.write("Kod", f"P-{code}")
    await hand.write("Paketets namn", f"Paket {way}")
    await hand.pick("Kurs 1", "Läkemedelshantering")
    await hand.pick("Kurs 2", title)
    await hand.press("Spara")
    [package] = [one for one in (await world.get("/booking/v1/packages"))["items"] if one["code"] == f"P-{code}"]
    assert package["courses"] == ["PALS", code]

    await hand.open("/boka/titlar")
    await hand.go_on("Lägg till en titel")
    await hand.write("Kod", f"title_{code.lower()}")
    await hand.write("Namn på svenska (frivilligt)", f"Titel {way}")
    await hand.choose("Övriga")
    await hand.tick(title)
    await hand.press("Spara")
    await hand.follow(f"Ta bort Titel {way}")
    await hand.press("Ta bort titeln")  # so that the model is for others as it was
    assert code.lower() not in str(await world.get("/booking/v1/titles"))
