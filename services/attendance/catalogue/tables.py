"""Names from the catalogue."""

from sqlalchemy import BigInteger, Text
from sqlmodel import Field

from services.attendance.tables import AttendanceTable


class CatalogueName(AttendanceTable, table=True):
    """What the project or a municipality is called, by its key in the catalogue (`municipality/1884`)."""

    __tablename__ = "catalogue_names"

    key: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    sequence: int = Field(sa_type=BigInteger)
