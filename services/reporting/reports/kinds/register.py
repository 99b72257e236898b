"""Every kind of report, by its name in the API."""

from collections.abc import Mapping
from typing import Final

from services.reporting.reports.kinds import (
    certificates,
    evaluation,
    final,
    municipality,
    participants,
    progress,
    statistics,
)
from services.reporting.reports.kinds.kind import Kind

_MODULES = (progress, certificates, participants, statistics, municipality, evaluation, final)
KINDS: Final[Mapping[str, Kind]] = {module.KIND.name: module.KIND for module in _MODULES}
