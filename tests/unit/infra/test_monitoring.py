"""Alerts and dashboard ask only for metrics and labels that exist."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from infra.settings import ROOT, SERVICES
from shared.observability import metrics

RULES: list[dict[str, Any]] = yaml.safe_load((ROOT / "infra/prometheus/rules.yml").read_text("utf-8"))["groups"][0][
    "rules"
]
SCRAPES: list[dict[str, Any]] = yaml.safe_load((ROOT / "infra/prometheus/prometheus.yml").read_text("utf-8"))[
    "scrape_configs"
]
PANELS: list[dict[str, Any]] = json.loads((ROOT / "infra/grafana/dashboards/kursnav.json").read_text("utf-8"))["panels"]
OF_PROMETHEUS = {"le", "job", "instance"}
SERIES = re.compile(r"\b(kursnav_[a-z_]+)(?:\{([^}]*)\})?")
GROUPED = re.compile(r"\bby \(([^)]*)\)")


def exported() -> dict[str, set[str]]:
    """The labels of every series that a service's /metrics may hold."""
    series: dict[str, set[str]] = {}
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            [family] = metric.describe()
            endings = {"histogram": ("_bucket", "_count", "_sum"), "counter": ("_total",)}.get(family.type, ("",))
            series |= {family.name + ending: set(metric._labelnames) for ending in endings}
    return series


def queries() -> Iterator[tuple[str, str]]:
    yield from ((rule["alert"], rule["expr"]) for rule in RULES)
    yield from ((panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"])


@pytest.mark.parametrize(("name", "query"), list(queries()))
def test_a_query_asks_for_what_exists(name: str, query: str) -> None:
    known = exported()
    asked = SERIES.findall(query)
    assert asked or query.startswith("up "), "a query about something"
    labels = {label.strip() for group in GROUPED.findall(query) for label in group.split(",")}
    for series, conditions in asked:
        assert series in known
        used = labels | set(re.findall(r"(\w+)\s*[=!]~?=?", conditions))
        assert used <= known[series] | OF_PROMETHEUS


def test_every_metric_is_on_the_dashboard() -> None:
    shown = " ".join(query for _, query in queries())
    families = {
        family.name
        for metric in vars(metrics).values()
        if isinstance(metric, MetricWrapperBase)
        for family in metric.describe()
    }
    assert sorted(family for family in families if family not in shown) == []


def test_every_alert_says_what_to_do() -> None:
    for rule in RULES:
        assert set(rule["annotations"]) == {"summary", "action"}, rule["alert"]
        assert rule["labels"]["severity"] in ("page", "ticket"), rule["alert"]


def test_every_service_is_asked_under_its_own_prefix() -> None:
    asked = {scrape["job_name"]: (scrape["metrics_path"], scrape["static_configs"][0]["targets"]) for scrape in SCRAPES}
    assert asked == {service: (f"/{service}/metrics", [f"{service}:8000"]) for service in SERVICES}
