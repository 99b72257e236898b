"""What the call of the indicators returns."""

from pydantic import BaseModel


class ByGenderShown(BaseModel):
    woman: int
    man: int
    non_binary: int
    unknown: int
    total: int


class IndicatorsShown(BaseModel):
    """EECO01 all participants, EECO05 employed, EECO06 under 18, EECO07 18–29, EECO08 55 or older: when they began."""

    EECO01: ByGenderShown
    EECO05: ByGenderShown
    EECO06: ByGenderShown
    EECO07: ByGenderShown
    EECO08: ByGenderShown
