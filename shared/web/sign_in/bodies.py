"""What the sign-in takes."""

from shared.web.bodies import Body
from shared.web.fields import Code


class DemoUserBody(Body):
    """Whom to sign in as. The issuer asks for a password where it has any."""

    user: Code
