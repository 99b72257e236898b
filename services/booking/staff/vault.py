"""The vault: the only place of a personal number, encrypted, and found by a keyed hash only.

Associated data bind a sealed number to its participant: moved to another row it does not open.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import RowMapping, text

from shared.database.unit_of_work import Unit
from shared.security.blind_index import BlindIndex
from shared.security.cipher import Cipher, CipherError
from shared.security.personal_numbers import PersonalNumber

# Finds or makes the persons of numbers, and holds their rows until commit: one statement decides who they are, so two
# requests with one number get one person. Both updates change nothing, they lock (and let foreign keys pass).
ENTER = text(
    """
    WITH entered AS (
        SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:indexes AS bytea[]), CAST(:kids AS text[]),
                             CAST(:nonces AS bytea[]), CAST(:boxes AS bytea[]), CAST(:genders AS text[]),
                             CAST(:years AS smallint[]), CAST(:hints AS text[]))
               AS e (id, number_index, kid, nonce, box, gender, birth_year, hint)
    ), sealed AS (
        INSERT INTO vault AS kept (participant_id, number_index, kid, nonce, box)
        SELECT id, number_index, kid, nonce, box FROM entered ORDER BY number_index
        ON CONFLICT (number_index) DO UPDATE SET kid = kept.kid
        RETURNING participant_id, number_index
    ), persons AS (
        INSERT INTO participants AS person (participant_id, gender, birth_year, protected, erased, personal_number_hint)
        SELECT sealed.participant_id, gender, birth_year, false, false, hint
          FROM entered JOIN sealed USING (number_index) ORDER BY number_index
        ON CONFLICT (participant_id) DO UPDATE SET erased = person.erased
        RETURNING participant_id, gender, birth_year, protected, personal_number_hint
    )
    SELECT number_index, persons.* FROM sealed JOIN persons USING (participant_id)
    """
)
INDEX_PURPOSE = b"kursnav booking: blind index of personal numbers"


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

        Rows are `participants`' columns. Numbers already sealed stay under the key that they have.
        """
        by_index = {self.index.of(number): number for number in numbers}
        rows = await unit.all(ENTER, self._columns(unit, by_index)) if by_index else []
        return {by_index[row["number_index"]]: row for row in rows}

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
