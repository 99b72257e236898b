"""Booking's settings."""

from pydantic import Field

from shared.settings import ServiceSettings


class BookingSettings(ServiceSettings):
    """Configuration of the booking service from the environment."""

    database_url: str = Field(
        default="",
        validation_alias="BOOKING_DATABASE_URL",
        description="PostgreSQL as the role booking_app, which owns nothing.",
    )
    vault_keys: str = Field(
        default="",
        validation_alias="BOOKING_VAULT_KEYS",
        description="Keys of the vault of personal numbers: `kid:base64` (32 bytes), comma separated. The first one "
        "encrypts; a new one goes in front. The last one also makes the index that finds a person by number: never "
        "remove it.",
    )
