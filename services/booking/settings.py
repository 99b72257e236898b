"""Booking's settings."""

from pydantic import field_validator
from pydantic_settings import SettingsConfigDict

from shared.security.cipher import Cipher, CipherError
from shared.settings import ServiceSettings, variable


class BookingSettings(ServiceSettings):
    """Configuration of the booking service from the environment."""

    model_config = SettingsConfigDict(hide_input_in_errors=True, validate_default=True)

    database_url: str = variable("BOOKING_DATABASE_URL", "PostgreSQL as the role booking_app, which owns nothing.")
    vault_keys: str = variable(
        "BOOKING_VAULT_KEYS",
        "Keys of the vault of personal numbers: `kid:base64` (32 bytes), comma separated. The first one "
        "encrypts; a new one goes in front. The last one also makes the index that finds a person by number: never "
        "remove it.",
    )

    @field_validator("vault_keys")
    @classmethod
    def _usable(cls, keys: str) -> str:
        """Without its vault booking cannot enter anybody: it says so before it starts."""
        try:
            Cipher.from_setting(keys)
        except CipherError as error:
            raise ValueError(f"BOOKING_VAULT_KEYS: {error}; openssl rand -base64 32 makes a key") from error
        return keys
