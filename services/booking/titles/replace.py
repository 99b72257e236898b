"""Replacing the differentiation model: which titles there are, and what each requires."""

from collections.abc import Sequence

from sqlalchemy import delete, insert
from sqlalchemy.dialects.postgresql import insert as upsert

from services.booking.catalogue import change_course, queries
from services.booking.catalogue.tables import THE_ONE, Title, TitleList
from services.booking.staff.retitle import retitle
from services.booking.titles.bodies import TitleBody
from services.booking.titles.events import title_changed
from shared.audit.record import record
from shared.codes import Spellings, code_key
from shared.contracts.catalogue_v1 import TitleChanged
from shared.database.unit_of_work import Unit
from shared.web.problems import FieldError, invalid

ONE_EDITOR = "LOCK TABLE titles IN SHARE ROW EXCLUSIVE MODE"


async def replace_titles(
    unit: Unit, present: Sequence[TitleBody], revision: int | None, wanted: Sequence[TitleBody]
) -> tuple[list[TitleBody], int]:
    """Puts these titles in the place of the present ones, publishes what differs. Returns them and the new revision.

    Staff, courses and packages entered under a text that is now a title get its code.

    Raises 422 for titles that stand twice and for courses that do not exist.
    """
    titles = await _checked(unit, wanted)
    new_revision = (revision or 0) + 1
    await unit.execute(delete(Title))
    if titles:
        await unit.execute(
            insert(Title),
            [
                {**title.model_dump(), "code_key": code_key(title.title), "position": place}
                for place, title in enumerate(titles)
            ],
        )
    statement = upsert(TitleList).values(id=THE_ONE, revision=new_revision)
    await unit.execute(statement.on_conflict_do_update(index_elements=["id"], set_={"revision": new_revision}))
    before = {title.title: title.model_dump() for title in present}
    after = {title.title: title.model_dump() for title in titles}
    await record(unit, "titles-replaced", "titles", before=before, after=after)
    _publish(unit, present, titles)
    names = {title.title: title.title_sv for title in titles}
    await retitle(unit, names)
    await change_course.retitle(unit, names)
    return titles, new_revision


def _publish(unit: Unit, present: Sequence[TitleBody], titles: Sequence[TitleBody]) -> None:
    known = {title.title: title for title in present}
    for title in titles:
        if known.pop(title.title, None) != title:
            unit.emit(title_changed(title))
    for gone in known:
        unit.emit_tombstone(TitleChanged, key=f"title/{gone}")


async def _checked(unit: Unit, wanted: Sequence[TitleBody]) -> list[TitleBody]:
    """The titles with the codes of courses as they are stored."""
    existing = await queries.prerequisites(unit)
    spellings = Spellings(existing)
    titles = [title.model_copy(update={"required_courses": spellings.all(title.required_courses)}) for title in wanted]
    errors: list[FieldError] = []
    seen: set[str] = set()
    for place, title in enumerate(titles):
        for name, text in (("title", title.title), ("title_sv", title.title_sv)):
            if text is not None and code_key(text) in seen:
                errors.append(
                    FieldError(
                        f"/{place}/{name}",
                        "twice",
                        f"{text} står redan tidigare i listan.",
                        f"{text} already stands earlier in the list.",
                    )
                )
        seen |= {code_key(text) for text in (title.title, title.title_sv) if text is not None}
        errors += change_course.unknown_courses(f"/{place}/required_courses", title.required_courses, existing)
    if errors:
        raise invalid(*errors)
    return titles
