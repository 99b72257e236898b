"""What attendance tells people, as mails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from services.attendance.notices.texts import CLOSING, LABELS, TEXTS
from services.attendance.people.contacts import Contact
from shared.database.unit_of_work import Unit
from shared.mail.message import Mail, Part
from shared.mail.rendering import Reader, languages_for, mail_to, written_in
from shared.mail.sending import Postbox, posted
from shared.web.pages.formatting import day, moment

OWN_PAGE: Final = "/min/{}"


@dataclass(frozen=True)
class Mailing:
    """Writes attendance's mails. Links in them lead to `site`."""

    postbox: Postbox
    site: str

    def own_page(self, token: str) -> str:
        """The address of a participant's own page."""
        return self.site + OWN_PAGE.format(token)

    async def post(
        self, unit: Unit, contact: Contact, kind: str, key: str, useful_until: datetime, **words: Any
    ) -> None:
        """Queues one mail to a person; under one key one mail goes.

        `words` are named by the sentences of its kind; those that have a label are facts below them. What is called
        gives words in the language that is written just then.
        """
        about = {"person_id": contact.participant_id}
        await self.post_to(unit, contact.reader, kind, key, useful_until, about, **words)

    async def post_to(
        self,
        unit: Unit,
        reader: Reader,
        kind: str,
        key: str,
        useful_until: datetime,
        about: Mapping[str, Any],
        **words: Any,
    ) -> None:
        """Queues one mail that is `about` something else than a person, else as `post`."""
        await self.postbox.post(unit, [mail(key, kind, reader, useful_until, words, about)])

    async def has_posted(self, unit: Unit, key: str) -> bool:
        """Whether a mail went under the key. Only in system scope."""
        return bool(await posted(unit, [_key(key)]))


def mail(
    key: str, kind: str, reader: Reader, useful_until: datetime, words: Mapping[str, Any], about: Mapping[str, Any]
) -> Mail:
    parts = [_part(kind, reader, words, language) for language in languages_for(reader.language)]
    return mail_to(reader, parts, key=_key(key), kind=kind, useful_until=useful_until, **about)


def _key(key: str) -> str:
    return f"attendance/{key}"


def _part(kind: str, reader: Reader, words: Mapping[str, Any], language: str) -> Part:
    with written_in(language):
        said = {name: _said(value) for name, value in words.items()}
    given = {name: lines[0] for name, lines in said.items()}
    facts = [(LABELS[name][language], lines) for name, lines in said.items() if name in LABELS]
    text, closing = TEXTS[kind][language], CLOSING[kind][language]
    return Part(
        language,
        text.heading.format_map(given),
        [text.lead.format_map(given)],
        [*facts, *reader.concerning(language)],
        closing.format_map(given),
    )


def _said(value: Any) -> Sequence[str]:
    """A word as its language writes it: times and days in words, several values as lines."""
    if callable(value):
        return _said(value())
    if isinstance(value, datetime):
        return [moment(value)]
    if isinstance(value, date):
        return [day(value)]
    return [value] if isinstance(value, str) else list(value)
