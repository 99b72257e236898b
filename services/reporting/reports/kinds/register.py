"""Every kind of report, by its name in the API."""

from collections.abc import Mapping
from typing import Final

from services.reporting.reports.kinds import certificates, evaluation, municipality, participants, progress, statistics
from services.reporting.reports.kinds.kind import Kind

KINDS: Final[Mapping[str, Kind]] = {
    one.KIND.name: one.KIND for one in (progress, certificates, participants, statistics, municipality, evaluation)
}
