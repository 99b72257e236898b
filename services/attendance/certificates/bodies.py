"""What the call about a certificate's hash returns."""

from pydantic import BaseModel


class KnownShown(BaseModel):
    """`known`: a certificate with this hash was issued, and still holds."""

    known: bool
