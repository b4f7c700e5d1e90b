"""deploy/monitoring against a running service: it uses exactly the exported metrics."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from ai_models.monitoring.alarm_kinds import ALARM_KINDS
from tests import pictures
from tests.detections.frames import BLINK, NECK, blink_body, monitoring_body, neck_body
from tests.environment import Template
from tests.faults.clients import small_pictures
from tests.gunicorn_server import ROOT
from tests.watched import Scrape, get, scrape

FOLDER = ROOT / "deploy" / "monitoring"
ALERTS: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FOLDER / "prometheus-alerts.yml").read_text())["groups"]
    for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "grafana-dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]

BY_PROMETHEUS = {"instance", "job"}  # labels that Prometheus adds
SELECTOR = re.compile(r"\b(posesmart_\w+|up)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")


def expressions() -> Iterator[tuple[str, str]]:
    """(title, PromQL) of every expression."""
    for rule in ALERTS:
        yield rule["alert"], rule["expr"]
    for panel in PANELS:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for variable in DASHBOARD["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["definition"]


def split_names(text: str) -> set[str]:
    return {word.strip() for word in text.split(",") if word.strip()}


@pytest.fixture(scope="module")
def exported(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Scrape:
    """The metrics of two workers after some frames and probes."""
    face, nobody = pictures.jpeg(pictures.at_desk()), small_pictures()[1]
    with template.service_in(tmp_path_factory.mktemp("watched")).serve() as server:
        server.post_to_every_worker(2, NECK, neck_body(face))
        server.post_to_every_worker(2, NECK, monitoring_body(face))
        server.post_to_every_worker(2, BLINK, blink_body(nobody))
        assert server.post(NECK, neck_body(b"no picture")).status == 400
        for path in ("/healthz", "/readyz", "/metrics"):
            assert get(server, path).status == 200
        return scrape(server)


def test_every_used_name_and_label_is_exported(exported: Scrape) -> None:
    labels = exported.labels_of() | {"up": set()}
    for title, expression in expressions():
        found = SELECTOR.findall(expression)
        assert found, title
        for name, matchers in found:
            assert name in labels, (title, name)
            for label, how, value in MATCHER.findall(matchers):
                assert label in labels[name] | BY_PROMETHEUS, (title, name, label)
                if label not in BY_PROMETHEUS and how in ("=", "=~") and re.fullmatch(r"[a-z_|]+", value):
                    assert set(value.split("|")) <= exported.values_of(label), (title, label, value)
        known = set().union(*(labels[name] for name, _ in found)) | BY_PROMETHEUS
        for grouped in GROUPING.findall(expression):
            assert split_names(grouped) <= known, (title, grouped)


def test_every_exported_name_is_used(exported: Scrape) -> None:
    used = {name for _, expression in expressions() for name, _ in SELECTOR.findall(expression)}
    names = {re.sub("_(bucket|sum|count)$", "", name) for name in exported.labels_of()}
    assert names == {re.sub("_(bucket|sum|count)$", "", name) for name in used - {"up"}}


def test_every_label_value_is_exported_from_the_start(exported: Scrape) -> None:
    assert exported.values_of("stage") == {"decode", "find", "count", "describe", "judge", "enrol", "session", "store"}
    assert exported.values_of("what") == {"started", "stopped"}
    assert exported.values_of("kind") == set(ALARM_KINDS)
    assert exported.values_of("outcome") == {"detected", "no_face", "refused"}
    assert exported.values_of("state") == {"sent", "failed", "waiting", "refused"}
    assert exported.values_of("how") == {"replaced", "crashed"}


def test_quoted_labels_exist(exported: Scrape) -> None:
    labels = exported.labels_of()
    for rule in ALERTS:
        grouped = [split_names(labels_text) for labels_text in GROUPING.findall(rule["expr"])]
        left = (
            grouped[0]
            if grouped
            else set().union(*(labels.get(name, set()) for name, _ in SELECTOR.findall(rule["expr"])))
        )
        quoted = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
        assert quoted <= left | (set() if grouped else BY_PROMETHEUS), rule["alert"]
    for panel in PANELS:
        for target in panel["targets"]:
            quoted = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            grouped = [split_names(labels_text) for labels_text in GROUPING.findall(target["expr"])]
            assert quoted <= (grouped[0] if grouped else BY_PROMETHEUS), panel["title"]
