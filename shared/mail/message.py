"""One mail as it is written: texts, perhaps a calendar part, and what a mail program needs to know about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

Role = Literal["participant", "manager", "trainer", "municipality", "office"]


@dataclass(frozen=True)
class Calendar:
    """A calendar object of one entry; `method` is also in it."""

    method: str
    content: bytes


@dataclass(frozen=True)
class Section:
    """What a mail about several people says of one of them: a label and its lines."""

    person: UUID
    label: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Part:
    """What a mail says in one language. `facts` are labels, each with its lines; `sections` follow them."""

    language: str
    heading: str
    paragraphs: Sequence[str] = ()
    facts: Sequence[tuple[str, Sequence[str]]] = ()
    closing: str = ""
    sections: Sequence[Section] = ()

    @property
    def listed(self) -> list[tuple[str, Sequence[str]]]:
        """The facts, then what it says of each person."""
        return [*self.facts, *((one.label, one.lines) for one in self.sections)]


@dataclass(frozen=True)
class Mail:
    """One mail to one address. `key` names what it is about: under one key one mail goes.

    Without `to` nobody can be reached, which is kept as refused. From `useful_until` on it is not sent any more.
    `parts`, of a mail about several people: it is put into words again when it is sent, without those who were erased.
    """

    key: str
    kind: str
    to: str | None
    role: Role
    language: str
    subject: str
    text: str
    html: str
    useful_until: datetime
    calendar: Calendar | None = None
    session_id: UUID | None = None
    person_id: UUID | None = None
    municipality: str | None = None
    parts: Sequence[Part] = ()

    @property
    def people(self) -> list[UUID]:
        """Of whom it says something."""
        return list(dict.fromkeys(one.person for part in self.parts for one in part.sections))

    @property
    def id(self) -> UUID:
        return uuid5(NAMESPACE_URL, self.key)


@dataclass(frozen=True)
class Sender:
    """From whom mail comes: `kursnav <kursnav@example.se>`, or the address alone."""

    text: str

    @property
    def address(self) -> str:
        return parseaddr(self.text)[1]

    @property
    def host(self) -> str:
        return self.address.rpartition("@")[2]


def written(mail: Mail, sender: Sender, at: datetime) -> bytes:
    """The bytes that every attempt sends. Raises ValueError, IndexError or MessageError for an address
    that no mail can have.
    """
    message = EmailMessage(policy=policy.SMTPUTF8 if needs_utf8(mail) else policy.SMTP)
    name, address = parseaddr(sender.text)
    for header, value in _headers(mail, Address(name, addr_spec=address), sender.host, at).items():
        message[header] = value
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    if mail.calendar is not None:
        # Base64, because a gateway that folds or re-encodes lines breaks a calendar object.
        method, content = mail.calendar.method, mail.calendar.content.decode()
        message.add_alternative(content, subtype="calendar", cte="base64", params={"method": method})
    return bytes(message)


def needs_utf8(mail: Mail) -> bool:
    return not (mail.to or "").isascii()


def _address(text: str) -> Address:
    """The library checks an address, and refuses letters beyond ASCII, which SMTPUTF8 allows."""
    Address(addr_spec="".join(letter if letter.isascii() else "x" for letter in text))
    local, _, domain = text.rpartition("@")
    return Address(username=local, domain=domain)


def _headers(mail: Mail, sender: Address, host: str, at: datetime) -> dict[str, Any]:
    return {
        "From": sender,
        "To": _address(mail.to or ""),
        "Subject": mail.subject,
        "Date": at,
        "Message-ID": f"<{mail.id}@{host}>",
        "Content-Language": mail.language,
        "Auto-Submitted": "auto-generated",  # no answer from those who are on holiday
    }
