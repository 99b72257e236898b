"""One mail as it is written: texts, perhaps a calendar part, and what a mail program needs to know about it."""

import re
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import base64mime, policy
from email.headerregistry import Address
from email.utils import format_datetime, parseaddr
from functools import cached_property, lru_cache
from typing import Final, Literal
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

    @cached_property
    def header(self) -> str:
        name, address = parseaddr(self.text)
        return str(Address(name, addr_spec=address))

    @cached_property
    def address(self) -> str:
        return parseaddr(self.text)[1]

    @property
    def host(self) -> str:
        return self.address.rpartition("@")[2]


NEWLINE: Final = "\r\n"
USUAL_ADDRESS: Final = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@[a-z\d-]+(\.[a-z\d-]+)*", re.A | re.I
)


def written(mail: Mail, sender: Sender, at: datetime) -> bytes:
    """The bytes that every attempt sends. Raises ValueError, IndexError or MessageError for an address
    that no mail can have.

    Put together by hand, because `email.message` parses each header that it is given and encodes letter by letter: ten
    times the work, beside the bookings that the mails follow from. Headers with words in them are still the library's.
    """
    boundary = f"=_{mail.id.hex}"  # which no quoted-printable and no base64 holds
    head = [
        _folded("From", sender.header),
        f"To: {_address(mail.to or '')}",
        _folded("Subject", mail.subject),
        f"Date: {format_datetime(at)}",
        f"Message-ID: <{mail.id}@{sender.host}>",
        f"Content-Language: {mail.language}",
        "Auto-Submitted: auto-generated",  # no answer from those who are on holiday
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
    ]
    parts = [_text("text/plain", mail.text), _text("text/html", mail.html)]
    if mail.calendar is not None:
        # Base64, because a gateway that folds or re-encodes lines breaks a calendar object.
        content = base64mime.body_encode(mail.calendar.content, eol=NEWLINE)
        parts.append(_part("text/calendar", "base64", content, f'; method="{mail.calendar.method}"'))
    opening = f"{NEWLINE}--{boundary}{NEWLINE}"
    body = "".join(opening + part for part in parts)
    return f"{NEWLINE.join(head)}{NEWLINE}{body}{NEWLINE}--{boundary}--{NEWLINE}".encode()


def _text(kind: str, text: str) -> str:
    lines = text.encode().splitlines()
    return _part(kind, "quoted-printable", b2a_qp(b"".join(line + b"\r\n" for line in lines)).decode())


def _part(kind: str, encoding: str, content: str, more: str = "") -> str:
    head = f'Content-Type: {kind}; charset="utf-8"{more}', f"Content-Transfer-Encoding: {encoding}"
    return NEWLINE.join((*head, "", content))


@lru_cache(maxsize=1000)
def _folded(name: str, value: str) -> str:
    """A header as the library writes it, which is slow; all who are invited to one session read the same."""
    _, header = policy.SMTP.header_store_parse(name, value)
    return str(policy.SMTP.fold(name, header)).removesuffix(NEWLINE)


def _address(text: str) -> str:
    """The address as a header has it. The library checks what looks unusual, and refuses letters beyond ASCII, which
    SMTPUTF8 allows.
    """
    if USUAL_ADDRESS.fullmatch(text):
        return text
    Address(addr_spec="".join(letter if letter.isascii() else "x" for letter in text))
    local, _, domain = text.rpartition("@")
    return str(Address(username=local, domain=domain))
