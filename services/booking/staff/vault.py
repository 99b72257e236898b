"""The vault: the only place of a personal number, encrypted, and found by a keyed hash only.

Associated data bind a sealed number to its participant: moved to another row it does not open.
"""

import base64
import binascii
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from fastapi import Depends
from sqlalchemy import RowMapping, text
from starlette.requests import Request

from services.booking.allocation.lock import lock_persons
from shared.database.conditions import parts
from shared.database.unit_of_work import Unit
from shared.security.blind_index import BlindIndex
from shared.security.cipher import Box, Cipher, CipherError
from shared.security.personal_numbers import PersonalNumber

# Finds or makes the persons of numbers, and holds their rows until commit: one statement decides who they are, so two
# requests with one number get one person. The updates lock (and let foreign keys pass); all that they change is that an
# erased person who is entered again is back.
ENTER = text(
    """
    WITH entered AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:indexes AS bytea[]), CAST(:kids AS text[]),
                             CAST(:nonces AS bytea[]), CAST(:boxes AS bytea[]), CAST(:genders AS text[]),
                             CAST(:years AS smallint[]), CAST(:hints AS text[]))
               AS e (id, number_index, kid, nonce, box, gender, birth_year, hint)
    ), sealed AS (
        INSERT INTO vault AS kept (participant_id, number_index, kid, nonce, box, current)
        SELECT id, number_index, kid, nonce, box, true FROM entered ORDER BY number_index
        ON CONFLICT (number_index) DO UPDATE SET kid = kept.kid
        RETURNING participant_id, number_index
    ), persons AS (
        INSERT INTO participants AS person (participant_id, gender, birth_year, protected, erased, personal_number_hint)
        SELECT DISTINCT ON (participant_id) sealed.participant_id, gender, birth_year, false, false, hint
          FROM entered JOIN sealed USING (number_index) ORDER BY participant_id
        ON CONFLICT (participant_id) DO UPDATE SET erased = false, age_group = NULL,
            birth_year = CASE WHEN person.erased THEN excluded.birth_year ELSE person.birth_year END,
            personal_number_hint =
                CASE WHEN person.erased THEN excluded.personal_number_hint ELSE person.personal_number_hint END
        RETURNING participant_id, gender, birth_year, protected, personal_number_hint, age_group
    )
    SELECT number_index, persons.* FROM sealed JOIN persons USING (participant_id)
    """
)
HOLDERS = text("SELECT number_index, participant_id FROM vault WHERE number_index = ANY (CAST(:indexes AS bytea[]))")
SEALED = text(
    "SELECT * FROM vault WHERE participant_id = ANY (CAST(:ids AS uuid[])) ORDER BY number_index FOR NO KEY UPDATE"
)
CURRENT = text("SELECT * FROM vault WHERE participant_id = ANY (CAST(:ids AS uuid[])) AND current")
RETIRE = text("UPDATE vault SET current = false WHERE participant_id = :participant_id AND current")
# One statement, so that of two who enter a number at once the second finds the first.
SEAL = text(
    """
    INSERT INTO vault AS kept (number_index, participant_id, kid, nonce, box, current)
    VALUES (:number_index, :participant_id, :kid, :nonce, :box, true)
    ON CONFLICT (number_index) DO UPDATE SET current = true WHERE kept.participant_id = excluded.participant_id
    RETURNING participant_id
    """
)
RESEAL = text(
    "UPDATE vault SET participant_id = :participant_id, kid = :kid, nonce = :nonce, box = :box, current = :current "
    "WHERE number_index = :number_index"
)
INDEX_PURPOSE = b"kursnav booking: blind index of personal numbers"


@dataclass(frozen=True)
class Known:
    """A number that a person has (`current`) or had."""

    participant_id: UUID
    number: PersonalNumber
    current: bool


@dataclass(frozen=True)
class Vault:
    """Seals personal numbers and finds people by them."""

    cipher: Cipher
    index: BlindIndex

    @classmethod
    def from_setting(cls, keys: str) -> "Vault":
        """From BOOKING_VAULT_KEYS; the oldest key, which stands last, also makes the index. Raises CipherError."""
        cipher = Cipher.from_setting(keys)
        try:
            oldest = base64.b64decode(keys.split(",")[-1].partition(":")[2], validate=True)
        except binascii.Error as error:
            raise CipherError("the last vault key is not base64") from error
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=INDEX_PURPOSE).derive(oldest)
        return cls(cipher, BlindIndex(derived))

    async def enter(self, unit: Unit, numbers: Sequence[PersonalNumber]) -> Mapping[PersonalNumber, RowMapping]:
        """The person of each number, made when new, their rows locked until commit. Needs the system scope.

        Rows are `participants`' columns. Numbers already sealed stay under the key that they have. Many are entered in
        parts, so that others get a turn: in order of the index, as each statement locks them.
        """
        by_index = {self.index.of(number): number for number in numbers}
        entered: dict[PersonalNumber, RowMapping] = {}
        for part in parts(sorted(by_index)):
            rows = await unit.all(ENTER, self._columns(unit, {index: by_index[index] for index in part}))
            entered |= {by_index[row["number_index"]]: row for row in rows}
        return entered

    async def holder(self, unit: Unit, number: PersonalNumber) -> UUID | None:
        """Whose number it is, or was. Needs the system scope."""
        return (await self.holders(unit, [number])).get(number)

    async def holders(self, unit: Unit, numbers: Collection[PersonalNumber]) -> dict[PersonalNumber, UUID]:
        """Whose numbers these are, or were; those of nobody are left out. Needs the system scope."""
        by_index = {self.index.of(number): number for number in numbers}
        rows = await unit.all(HOLDERS, {"indexes": list(by_index)})
        return {by_index[row["number_index"]]: row["participant_id"] for row in rows}

    async def numbers(self, unit: Unit, ids: Collection[UUID]) -> list[Known]:
        """All numbers of these persons, locked until commit: after the persons, before their rows.

        Needs the system scope.
        """
        await lock_persons(unit, ids)
        rows = await unit.all(SEALED, {"ids": list(ids)})
        return [Known(row["participant_id"], self._opened(row), row["current"]) for row in rows]

    async def current(self, unit: Unit, ids: Collection[UUID]) -> dict[UUID, PersonalNumber]:
        """The numbers that persons have now, for reading alone. Needs the system scope."""
        rows = await unit.all(CURRENT, {"ids": list(ids)})
        return {row["participant_id"]: self._opened(row) for row in rows}

    async def give(self, unit: Unit, participant_id: UUID, number: PersonalNumber) -> bool:
        """Makes it the person's current number and keeps the earlier ones; False when somebody else has or had it."""
        await unit.execute(RETIRE, {"participant_id": participant_id})
        return await unit.scalar(SEAL, self._sealed(participant_id, number)) is not None

    async def hand_over(self, unit: Unit, known: Sequence[Known], into: UUID, current: PersonalNumber | None) -> None:
        """Makes all these numbers one person's; of them all, `current` is the one that holds from now on."""
        await unit.execute(RETIRE, {"participant_id": into})
        for each in sorted(known, key=lambda each: each.number == current):
            await unit.execute(RESEAL, {**self._sealed(into, each.number), "current": each.number == current})

    def _sealed(self, participant_id: UUID, number: PersonalNumber) -> dict[str, object]:
        box = self.cipher.encrypt(number.digits.encode(), participant_id.bytes)
        sealed = {"kid": box.kid, "nonce": box.nonce, "box": box.box}
        return {"number_index": self.index.of(number), "participant_id": participant_id, **sealed}

    def _opened(self, row: RowMapping) -> PersonalNumber:
        box = Box(row["kid"], row["nonce"], row["box"])
        return PersonalNumber(self.cipher.decrypt(box, row["participant_id"].bytes).decode())

    def _columns(self, unit: Unit, by_index: Mapping[bytes, PersonalNumber]) -> dict[str, list[object]]:
        ids = [unit.ids.uuid7() for _ in by_index]
        boxes = [
            self.cipher.encrypt(number.digits.encode(), participant_id.bytes)
            for participant_id, number in zip(ids, by_index.values(), strict=True)
        ]
        return {
            "ids": [*ids],
            "indexes": [*by_index],
            "kids": [box.kid for box in boxes],
            "nonces": [box.nonce for box in boxes],
            "boxes": [box.box for box in boxes],
            "genders": [number.gender for number in by_index.values()],
            "years": [number.birth_year for number in by_index.values()],
            "hints": [number.hint for number in by_index.values()],
        }


def _of_the_service(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


TheVault = Annotated[Vault, Depends(_of_the_service)]
