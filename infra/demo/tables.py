"""The demo's result as tables on the terminal."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from rich.table import Table


def cofinancing_table(cofinancing: dict[str, Any]) -> Table:
    """Each municipality's promised and attested hours, the furthest first; the project's line last."""
    table = Table(title="Co-financing 2025", title_justify="left")
    table.add_column("Municipality")
    for name in ("Commitment, h", "Attested, h", "Attainment, %"):
        table.add_column(name, justify="right")
    for row in sorted(cofinancing["municipalities"], key=lambda row: -(row["attainment"] or 0)):
        table.add_row(f"{row['name']} ({row['code']})", *_hours(row))
    table.add_section()
    table.add_row("Project", *_hours(cofinancing["project"]), style="bold")
    return table


def figures_table(figures: dict[str, Any]) -> Table:
    """The year's main measures, each with its label."""
    people, seats, surveys = figures["unique_participants"], figures["seats"], figures["surveys"]["participant"]
    women = people["by_gender"]["woman"]
    rows = (
        ("Unique participants", f"{people['total']:,} ({women:,} women, {people['by_gender']['man']:,} men)"),
        ("Participations", f"{figures['participations']['total']:,}"),
        ("Sessions held / cancelled", f"{figures['sessions']['held']} / {figures['sessions']['cancelled']}"),
        ("Seats offered, fill rate", f"{seats['offered']:,}, {_percent(seats['fill_rate'])} %"),
        ("Cancelled in time / late", f"{seats['cancelled_in_time']} / {seats['cancelled_late']}"),
        ("No-shows", f"{seats['no_show']}"),
        (
            "Helped in high or fairly high degree",
            f"{_percent(surveys['helped']['share'])} %, n={surveys['answered']:,}",
        ),
        ("Safe using what they learned", f"{_rounded(Decimal(str(surveys['confidence']['mean'])))} of 5"),
        ("Needed language support and got it", f"{_percent(surveys['language_support']['share'])} %"),
    )
    table = Table(title="Figures 2025", title_justify="left", show_header=False)
    for name, value in rows:
        table.add_row(name, value)
    return table


def _hours(row: dict[str, Any]) -> tuple[str, str, str]:
    promised, attested = (Decimal(row[name]) / 60 for name in ("commitment_minutes", "attested_minutes"))
    return f"{_rounded(promised):,}", f"{_rounded(attested):,}", _percent(row["attainment"])


def _percent(share: float | None) -> str:
    """A share of four decimals in percent. Its text is exact; the float times 100 is not."""
    return "–" if share is None else str(_rounded(Decimal(str(share)) * 100))


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.1"), ROUND_HALF_UP)
