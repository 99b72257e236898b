"""The result for people (tables with ratios and aims) and for programs (JSON)."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from infra.bench.asking import ARRIVE_EACH_SECOND, Asked
from infra.bench.crowds import RUSH, SEATS, Crowds, median
from infra.bench.live import Heard
from infra.bench.load import Sample, quantile_of
from infra.bench.measure import FEW_PER_SECOND, VISIBLE_PER_SECOND, Load, Result
from infra.bench.morning import CLIENTS as SINGLE_CLIENTS
from infra.bench.morning import TOGETHER, Morning
from infra.bench.pages import Paced
from infra.bench.reports import Rendered
from infra.bench.throughput import Throughput

LEAST_RATIO, LEAST_KEYED = 0.5, 1.0
LEAST_SPEED = {20: 1.0, 100: 1.3}
LONGEST_RUSH, LONGEST_QUEUEING = 1.0, 3.0
LEAST_FACTS_RATIO = 0.75
MOST_RESTING_PERCENT, LONGEST_REBUILD_SECONDS = 5.0, 90.0
LONGEST_YEAR_MS, LONGEST_MONTH_MS = 300.0, 100.0
LONGEST_PAGE_MS, LONGEST_SYNC_MS = 100.0, 500.0
LEAST_SINGLE_MARKS, LEAST_GAIN = 0.7, 10
LONGEST_FREEZE_SECONDS = 10.0
MOST_MEGABYTES = 250.0
LONGEST_RECOVERY_SECONDS, LONGEST_LIVE_SECONDS = 3.0, 2.0
MILLION = 1_000_000


def as_json(result: Result) -> dict[str, Any]:
    """Every measured number; rates per second, times in seconds or (`_ms`) milliseconds."""
    return {
        "bookings": _bookings_json(result),
        "bookings_at_once": {**_crowds_json(result.crowds), "in_the_server_alone_per_second": round(result.in_server)},
        "events_per_second": {name: round(one.per_second) for name, one in result.consumers.items()},
        "events_counted": {name: one.events for name, one in result.consumers.items()},
        "visible": {
            "per_second": VISIBLE_PER_SECOND,
            "n": len(result.visible),
            "p50_ms": result.visible_ms(0.5),
            "p99_ms": result.visible_ms(0.99),
            "aim_p99_ms": round(result.longest_visible_ms),
        },
        "few": {"p50_ms": round(result.few.milliseconds(0.5), 1), "p99_ms": round(result.few.milliseconds(0.99), 1)},
        "at_rest": {"percent_of_a_core": round(result.resting, 1), "aim": MOST_RESTING_PERCENT},
        "outbox_to_facts": _throughput_json(result.through),
        "recovery_seconds": {
            **{name: [round(one, 2) for one in seconds] for name, seconds in result.recovery.items()},
            "aim": LONGEST_RECOVERY_SECONDS,
        },
        "rebuild": {
            "events": result.rebuild.events,
            "per_second": round(result.rebuild.per_second),
            "million_events_seconds": round(_million(result), 1),
            "million_events_cpu_seconds": round(_million(result) * _busy(result), 1),
            "aim_million_events_seconds": LONGEST_REBUILD_SECONDS,
        },
        "figures": [_asked_json(one) for one in result.asked],
        "live": live_json(result.live),
        "reports": {one.kind: report_json(one) for one in result.reports},
        "pages": pages_json(result.pages),
        "county_morning": _morning_json(result.morning, _floor_by(result.crowds, SINGLE_CLIENTS)),
        "start_seconds": {
            "parts": round(result.parts_started_in, 2),
            **{name: round(seconds, 2) for name, seconds in result.started_in.items()},
        },
        "resident_megabytes": {name: round(value) for name, value in result.megabytes.items()},
        "reporting_megabytes_later": round(result.reporting_later),
    }


def pages_json(paced: Paced) -> dict[str, Any]:
    return {
        "staff": paced.size.staff,
        "sessions": paced.size.sessions,
        "worst": paced.worst,
        "p95_ms": {page: round(value) for page, value in paced.alone.items()},
        "four_clients_p95_ms": {page: round(value) for page, value in paced.together.items()},
        "aim_p95_ms": LONGEST_PAGE_MS,
    }


def live_json(heard: Heard) -> dict[str, float]:
    return {
        "listeners": heard.listeners,
        "told_p50_seconds": round(quantile_of(heard.seconds, 0.5), 2),
        "told_p99_seconds": round(quantile_of(heard.seconds, 0.99), 2),
        "aim_p99_seconds": LONGEST_LIVE_SECONDS,
        "cpu_ms_each_fact": round(heard.cpu_milliseconds),
        "kilobytes_each_listener": round(heard.megabytes_each * 1024),
    }


def report_json(one: Rendered) -> dict[str, float]:
    return {
        "whole_seconds": round(one.whole, 2),
        "pdf_seconds": round(one.pdf, 2),
        "json_seconds": round(one.json, 3),
        "pdf_megabytes": round(one.pdf_megabytes, 1),
    }


def _morning_json(morning: Morning, floor: float) -> dict[str, float]:
    return {
        "sessions": morning.county.sessions,
        "marks": morning.county.marks,
        "failed": morning.failed,
        "marks_refused": len(morning.refused),
        "lost": morning.lost,
        "tap_p50_ms": round(morning.taps.milliseconds(0.5)),
        "tap_p99_ms": round(morning.taps.milliseconds(0.99)),
        "phones_at_once": morning.county.phones,
        "returned_p50_ms": round(morning.returned.milliseconds(0.5)),
        "returned_p99_ms": round(morning.returned.milliseconds(0.99)),
        "aim_p99_ms": LONGEST_SYNC_MS,
        "single_marks_per_second": round(morning.singly.per_second),
        "single_marks_of_the_floors_bookings": round(morning.singly.per_second / floor, 2) if floor else 0.0,
        "aim_single_marks": LEAST_SINGLE_MARKS,
        "marks_in_batches_per_second": round(morning.marks_in_batches),
    }


def _asked_json(one: Asked) -> dict[str, float]:
    return {
        "facts": one.facts,
        "year_p95_ms": round(one.year_ms),
        "month_p95_ms": round(one.month_ms),
        "year_frozen_seconds": round(one.frozen_seconds, 1),
        "cofinancing_seconds": round(one.cofinancing_seconds, 2),
        "unmatched_seconds": round(one.unmatched_seconds, 2),
    }


def _bookings_json(result: Result) -> dict[str, Any]:
    return {
        "service": _load(result.service),
        "floor": _load(result.floor),
        "ratio": round(result.ratio, 3),
        "aim": LEAST_RATIO,
    }


def _crowds_json(crowds: Crowds) -> dict[str, Any]:
    return {
        **{
            f"{clients}_clients": {"ratio": round(beside.speed, 2), "aim": LEAST_SPEED[clients]}
            for clients, beside in crowds.going_on.items()
        },
        "100_callers_with_keys": {"ratio": round(crowds.keyed.speed, 2), "aim": LEAST_KEYED},
        "rush": {"times_the_floors_time": round(crowds.rush.ratio, 2), "aim": LONGEST_RUSH},
        "rush_with_waiting_list": {"times_the_floors_time": round(crowds.queueing.ratio, 2), "aim": LONGEST_QUEUEING},
    }


def _throughput_json(through: Throughput) -> dict[str, float]:
    return {
        "events": through.events,
        "per_second": round(through.kursnav),
        "bare_one_by_one_per_second": round(through.one_by_one),
        "bare_batched_per_second": round(through.batched),
        "ratio_to_one_by_one": round(through.to_one_by_one, 3),
        "ratio_to_batched": round(through.to_batched, 3),
        "aim_ratio_to_batched": LEAST_FACTS_RATIO,
    }


def tables(result: Result) -> list[Table]:
    """Bookings beside the floor, then everything else with its aim."""
    followed = reports_table(result.live, result.reports)
    return [_bookings(result), _others(result), followed, pages_table(result.pages), _processes(result)]


def _bookings(result: Result) -> Table:
    table = Table(title="Bookings: same database server, same load, rounds in turn", title_justify="left")
    for name in ("", "bookings/s", "p50, ms", "p99, ms", "CPU of the process, ms/booking"):
        table.add_column(name, justify="right" if name else "left")
    for name, load in (("kursnav", result.service), ("floor (bare FastAPI + asyncpg)", result.floor)):
        table.add_row(
            name,
            f"{load.per_second:.0f}",
            f"{load.milliseconds(0.5):.1f}",
            f"{load.milliseconds(0.99):.1f}",
            f"{load.cpu_milliseconds:.2f}",
        )
    table.add_row(
        f"ratio (aim ≥ {LEAST_RATIO})", _judged(f"{result.ratio:.2f}", result.ratio >= LEAST_RATIO), *_ratios(result)
    )
    return table


def _ratios(result: Result) -> list[str]:
    mine, bare = result.service, result.floor
    pairs = [(mine.milliseconds(q), bare.milliseconds(q)) for q in (0.5, 0.99)]
    pairs.append((mine.cpu_milliseconds, bare.cpu_milliseconds))
    return [f"× {one / other:.1f}" if other else "–" for one, other in pairs]


def _add_paced(table: Table, result: Result) -> None:
    late = result.visible_ms(0.99)
    table.add_row(
        f"POST → visible in reporting, {VISIBLE_PER_SECOND}/s",
        f"p50 {result.visible_ms(0.5):.0f} ms, p99 {_judged(f'{late:.0f}', late <= result.longest_visible_ms)} ms "
        f"(aim ≤ {result.longest_visible_ms:.0f}, by the floor's bookings/s; n={len(result.visible):,})",
    )
    few = " and ".join(f"p{n} {result.few.milliseconds(n / 100):.0f} ms" for n in (50, 99))
    table.add_row(f"a booking where {FEW_PER_SECOND} a second arrive", few)


def _others(result: Result) -> Table:
    table = Table(title="Many at once, and events", title_justify="left", show_header=False)
    _add_crowds(table, result.crowds)
    table.add_row(
        "the physical limit: their work as one function in PostgreSQL, by 20 connections, no service",
        f"{result.in_server:,.0f} bookings/s",
    )
    for name, consumed in result.consumers.items():
        table.add_row(f"{name}, catching up", f"{consumed.per_second:,.0f} events/s ({consumed.events:,} events)")
    _add_paced(table, result)
    resting = _judged(f"{result.resting:.1f}", result.resting <= MOST_RESTING_PERCENT)
    table.add_row("stack at rest, all services", f"{resting} % of a core (aim ≤ {MOST_RESTING_PERCENT:.0f})")
    _add_morning(table, result.morning, _floor_by(result.crowds, SINGLE_CLIENTS))
    _add_throughput(table, result)
    for name, seconds in result.recovery.items():
        slowest = max(seconds, default=0.0)
        table.add_row(
            f"SIGKILL of {name} → fact of a booking acknowledged after it",
            f"{_judged(f'{slowest:.1f}', slowest <= LONGEST_RECOVERY_SECONDS)} s, the slowest of {len(seconds)} "
            f"(aim ≤ {LONGEST_RECOVERY_SECONDS:.0f}; started again at once)",
        )
    whole = _million(result)
    table.add_row(
        "kursnav rebuild reporting",
        f"{result.rebuild.per_second:,.0f} events/s, so a million in "
        f"{_judged(f'{whole:.0f}', whole <= LONGEST_REBUILD_SECONDS)} s "
        f"(aim ≤ {LONGEST_REBUILD_SECONDS:.0f}; {result.rebuild.events:,} events, "
        f"{result.rebuild_cpu_seconds:.1f} s of processor time)",
    )
    for one in result.asked:
        _add_asked(table, one)
    return table


def _add_crowds(table: Table, crowds: Crowds) -> None:
    for clients, beside in crowds.going_on.items():
        least, speed = LEAST_SPEED[clients], beside.speed
        told = f"; their invitations are sent {median(beside.told):.1f} s after the last" if beside.told else ""
        table.add_row(
            f"bookings by {clients} clients at once",
            f"{_judged(f'{speed:.2f}', speed >= least)} of the floor's (aim ≥ {least}){told}",
        )
    keyed = crowds.keyed.speed
    table.add_row(
        "the same by 100 callers, each call with an Idempotency-Key (the floor's without)",
        f"{_judged(f'{keyed:.2f}', keyed >= LEAST_KEYED)} of the floor's (aim ≥ {LEAST_KEYED})",
    )
    for what, beside, most in (
        ("refused when it is full", crowds.rush, LONGEST_RUSH),
        ("waiting when it is full", crowds.queueing, LONGEST_QUEUEING),
    ):
        seconds = median(beside.service) if beside.service else 0.0
        times = _judged(f"{beside.ratio:.2f}", beside.ratio <= most)
        table.add_row(
            f"{RUSH} clients for the same {SEATS} seats, {what}",
            f"{seconds:.2f} s, {times} × the floor's time (aim ≤ {most})",
        )


def _add_asked(table: Table, one: Asked) -> None:
    year, month = one.year_ms <= LONGEST_YEAR_MS, one.month_ms <= LONGEST_MONTH_MS
    frozen = _judged(f"{one.frozen_seconds:.1f}", one.frozen_seconds <= LONGEST_FREEZE_SECONDS)
    table.add_row(
        f"figures beside {one.facts:,} facts, {ARRIVE_EACH_SECOND} events/s arriving",
        f"a year p95 {_judged(f'{one.year_ms:.0f}', year)} ms (aim ≤ {LONGEST_YEAR_MS:.0f}), "
        f"a month {_judged(f'{one.month_ms:.0f}', month)} ms (aim ≤ {LONGEST_MONTH_MS:.0f})",
    )
    table.add_row(
        "the report of a year frozen, beside as many",
        f"{frozen} s (aim ≤ {LONGEST_FREEZE_SECONDS:.0f}); what reads all of them: co-financing "
        f"{one.cofinancing_seconds:.1f} s, unmatched {one.unmatched_seconds:.1f} s",
    )


def reports_table(heard: Heard, reports: list[Rendered]) -> Table:
    """Live figures, and the reports of a year of 1,834 people."""
    table = Table(title="Live figures and reports", title_justify="left", show_header=False)
    p50, p99 = (quantile_of(heard.seconds, quantile) for quantile in (0.5, 0.99))
    table.add_row(
        f"a fact in booking → all of {heard.listeners} listeners",
        f"p50 {p50:.1f} s, p99 {_judged(f'{p99:.1f}', p99 <= LONGEST_LIVE_SECONDS)} s "
        f"(aim ≤ {LONGEST_LIVE_SECONDS:.0f}); {heard.cpu_milliseconds:.0f} ms of processor time a fact, "
        f"{heard.megabytes_each * 1024:.0f} kB a listener",
    )
    for one in reports:
        whole = _judged(f"{one.whole:.1f}", one.whole <= LONGEST_FREEZE_SECONDS)
        table.add_row(
            f"report of a year, 1,834 people: {one.kind}",
            f"{whole} s with its five files (aim ≤ {LONGEST_FREEZE_SECONDS:.0f}); PDF {one.pdf:.1f} s "
            f"({one.pdf_megabytes:.1f} MB), JSON {one.json * 1000:.0f} ms",
        )
    return table


def _add_morning(table: Table, morning: Morning, floor: float) -> None:
    table.add_row(
        f"a county's morning: {morning.county.sessions} sessions, {morning.county.marks:,} marks, ten times as dense",
        f"a tap {_answered_in(morning.taps)}; {morning.county.phones} phones that return at once, with their marks and "
        f"then for their days, {_answered_in(morning.returned)} (aim: p99 ≤ {LONGEST_SYNC_MS:.0f}, none lost); "
        f"{_judged(str(morning.failed), not morning.failed)} calls refused, with {len(morning.refused)} marks, "
        f"{_judged(str(morning.lost), not morning.lost)} marks lost that were answered",
    )
    single = morning.singly.per_second
    speed, gain = (single / floor if floor else 0.0), (morning.marks_in_batches / single if single else 0.0)
    table.add_row(
        f"marks by {SINGLE_CLIENTS} clients at once",
        f"one a call {single:.0f}/s, {_judged(f'{speed:.2f}', speed >= LEAST_SINGLE_MARKS)} of the floor's bookings "
        f"(aim ≥ {LEAST_SINGLE_MARKS}); {TOGETHER} a call {morning.marks_in_batches:,.0f}/s, "
        f"{_judged(f'{gain:.1f}', gain >= LEAST_GAIN)} × as many (aim ≥ {LEAST_GAIN})",
    )


def _answered_in(sample: Sample) -> str:
    p50, p99 = (sample.milliseconds(quantile) for quantile in (0.5, 0.99))
    return f"p50 {p50:.0f}, p99 {_judged(f'{p99:.0f}', p99 <= LONGEST_SYNC_MS)} ms"


def _floor_by(crowds: Crowds, clients: int) -> float:
    """The floor's bookings a second."""
    beside = crowds.going_on.get(clients)
    return beside.calls / median(beside.floor) if beside and beside.floor else 0.0


def pages_table(paced: Paced) -> Table:
    """The slowest page first."""
    table = Table(title=_pages_title(paced), title_justify="left")
    for name in ("page, who", f"one client, ms (aim ≤ {LONGEST_PAGE_MS:.0f})", "four clients, ms"):
        table.add_column(name, justify="left" if name.startswith("page") else "right")
    for page, value in sorted(paced.alone.items(), key=lambda item: -item[1]):
        table.add_row(page, _judged(f"{value:.0f}", value <= LONGEST_PAGE_MS), paced.of_four(page))
    return table


def _pages_title(paced: Paced) -> str:
    return f"Pages p95 with {paced.size.staff:,} staff and {paced.size.sessions:,} sessions"


def _add_throughput(table: Table, result: Result) -> None:
    through = result.through
    table.add_row("outbox → topic → facts", f"{through.kursnav:,.0f} events/s ({through.events:,} events)")
    table.add_row(
        "bare aiokafka loop, topic → one insert per event",
        f"{through.one_by_one:,.0f} events/s; ratio {through.to_one_by_one:.2f}",
    )
    ratio = _judged(f"{through.to_batched:.2f}", through.to_batched >= LEAST_FACTS_RATIO)
    table.add_row(
        "bare aiokafka loop, topic → the same tables, one statement per batch",
        f"{through.batched:,.0f} events/s; ratio {ratio} (aim ≥ {LEAST_FACTS_RATIO})",
    )


def _processes(result: Result) -> Table:
    table = Table(title="Processes", title_justify="left")
    table.add_column("")
    table.add_column("first answer after, s", justify="right")
    table.add_column("resident, MB", justify="right")
    table.add_row("PostgreSQL, Kafka, migrations, topics", f"{result.parts_started_in:.1f}", "")
    for name, megabytes in result.megabytes.items():
        started = result.started_in.get(name)
        size = _judged(f"{megabytes:.0f}", megabytes <= MOST_MEGABYTES)
        table.add_row(name, f"{started:.1f}" if started else "", size)
    if result.reporting_later:
        later = _judged(f"{result.reporting_later:.0f}", result.reporting_later <= MOST_MEGABYTES)
        table.add_row(f"reporting, {result.through.events:,} events later (aim ≤ {MOST_MEGABYTES:.0f})", "", later)
    return table


def _million(result: Result) -> float:
    """Seconds for a million events at the rate that was measured."""
    return MILLION / result.rebuild.per_second if result.rebuild.events else 0.0


def _busy(result: Result) -> float:
    """Share of the rebuild's time for which its own process had a processor."""
    return result.rebuild_cpu_seconds / result.rebuild.seconds if result.rebuild.seconds else 0.0


def _judged(text: str, good: bool) -> str:
    return f"[green]{text}[/green]" if good else f"[red]{text}[/red]"


def _load(load: Load) -> dict[str, float]:
    return {
        "per_second": round(load.per_second, 1),
        "p50_ms": round(load.milliseconds(0.5), 2),
        "p99_ms": round(load.milliseconds(0.99), 2),
        "cpu_ms": round(load.cpu_milliseconds, 3),
    }
