"""Who signs in on a development stack: its users of every role, the issuer's key, and the tokens that it signs."""

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from joserfc.jwk import ECKey

ALGORITHM = "ES256"
AUDIENCE = "kursnav"
TOKEN_HOURS = 12
PASSWORD = "kursnav"  # noqa: S105 - of every demo user, on this machine only


@dataclass(frozen=True)
class DemoUser:
    """A user of the development stack and the claims of the token."""

    username: str
    name: str
    role: str
    municipality: str | None = None
    trainer_id: str | None = None

    def claims(self) -> dict[str, Any]:
        optional = {"municipality": self.municipality, "trainer_id": self.trainer_id}
        given = {name: value for name, value in optional.items() if value}
        # The user of another municipality is another user: the audit tells them apart.
        subject = "-".join((self.username, *given.values()))
        return {"sub": subject, "name": self.name, "roles": [self.role], **given}


DEMO_USERS = (
    DemoUser("samordnare", "Sam Samordnare", "coordinator"),
    DemoUser("kommun", "Kim Kommunsson", "municipality", municipality="1880"),
    DemoUser("utbildare", "Uno Utbildningsledare", "trainer"),
    DemoUser("finansiar", "Fia Finansiär", "funder"),
    DemoUser("utvarderare", "Uma Utvärderare", "evaluator"),
    DemoUser("driftare", "Dag Driftare", "operator"),
)


def load_key(data: Path) -> "ECKey":
    """The issuer's key, made on first use and kept in `.data/identity.pem`."""
    from joserfc.jwk import ECKey

    path = data / "identity.pem"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"identity.{os.getpid()}.unfinished")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(ECKey.generate_key("P-256").as_pem(private=True))
        try:
            os.link(unfinished, path)  # who comes second takes the first one's key
        except FileExistsError:
            pass
        finally:
            unfinished.unlink()
    return ECKey.import_key(path.read_text("ascii"))


def issue(key: "ECKey", issuer: str, user: DemoUser, hours: float = TOKEN_HOURS, **more: str) -> str:
    """A token of the user, valid `hours` from now; `more` are claims of this token alone."""
    from joserfc import jwt

    now = int(time.time())
    life = {"iss": issuer, "aud": AUDIENCE, "iat": now, "exp": now + int(hours * 3600)}
    return jwt.encode(
        {"alg": ALGORITHM, "kid": key.thumbprint()}, {**life, **user.claims(), **more}, key, algorithms=[ALGORITHM]
    )


def demo_user(username: str, *, municipality: str | None = None, trainer_id: str | None = None) -> DemoUser | None:
    """The demo user of that name or role, with other claims where given."""
    for user in DEMO_USERS:
        if username in (user.username, user.role):
            return replace(
                user, municipality=municipality or user.municipality, trainer_id=trainer_id or user.trainer_id
            )
    return None
