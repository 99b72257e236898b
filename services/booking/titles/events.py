"""What is published of titles."""

from services.booking.titles.bodies import TitleBody
from shared.contracts import catalogue_v1 as contracts


def title_changed(title: TitleBody) -> contracts.TitleChanged:
    return contracts.TitleChanged(
        title=title.title, category=title.category, step=title.step, required_courses=tuple(title.required_courses)
    )
