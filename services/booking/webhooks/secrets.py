"""Secrets of webhooks: made here, shown once, kept encrypted, and signed with as Standard Webhooks says."""

import base64
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import RowMapping
from standardwebhooks import Webhook as Signer

from shared.security.cipher import Box, Cipher

SECRET_BYTES = 32
EARLIER_HOLDS = timedelta(days=1)
"""After a rotation: so long a receiver may still know only the secret before."""


def new_secret(webhook_id: UUID, cipher: Cipher) -> tuple[str, bytes]:
    """A secret as it is shown, and as it is stored."""
    secret = os.urandom(SECRET_BYTES)
    return f"whsec_{base64.b64encode(secret).decode()}", cipher.encrypt(secret, webhook_id.bytes).to_json()


def secrets_of(webhook: RowMapping, cipher: Cipher, now: datetime) -> list[bytes]:
    """The secrets that sign now, the newest first."""
    sealed = [webhook["sealed"]]
    if webhook["sealed_before"] is not None and now < webhook["rotated_at"] + EARLIER_HOLDS:
        sealed.append(webhook["sealed_before"])
    return [cipher.decrypt(Box.from_json(each), webhook["id"].bytes) for each in sealed]


def signed(delivery_id: UUID, body: str, now: datetime, secrets: Iterable[bytes]) -> dict[str, str]:
    """The headers of one attempt: a signature of exactly these bytes for each secret."""
    return {
        "webhook-id": str(delivery_id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(Signer(secret).sign(str(delivery_id), now, body) for secret in secrets),
    }
