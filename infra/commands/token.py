"""`kursnav token`: a token of the development issuer."""

import os
import sys

from infra.local import identity, state
from infra.local.errors import StackError
from infra.local.stack import refuse_production
from infra.settings import StackSettings, data_folder


def token(role: str, municipality: str, trainer: str) -> None:
    """Prints a token for the role, and nothing else."""
    sys.stdout.write(make(role, municipality, trainer) + "\n")


def make(role: str, municipality: str = "", trainer: str = "") -> str:
    """A token as the stack of this checkout takes it. Raises `StackError`."""
    refuse_production()
    user = identity.demo_user(role, municipality=municipality or None, trainer_id=trainer or None)
    if user is None:
        roles = ", ".join(user.role for user in identity.DEMO_USERS)
        raise StackError(f"There is no role {role}. Roles: {roles}.")
    data = data_folder()
    running = state.running(data)
    origin = running.origin if running else f"http://127.0.0.1:{StackSettings.from_environment().port}"
    issuer = os.environ.get("KURSNAV_ISSUER") or f"{origin}/identity"
    return identity.issue(identity.load_key(data), issuer, user)
