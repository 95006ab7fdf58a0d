"""The page about monitoring tells every metric as it is, and its rules ask for nothing else."""

import re
from pathlib import Path

import pytest
import yaml

from config.settings import ROOT, Settings
from service.metrics.declared import METRICS, Metric
from tests.service.metrics.conftest import scrape
from tests.service.metrics.test_truth import AWAY, FILL

AGE = re.compile(r"time\(\) - (max by \(\w+\) \(showroom_\w+\))")
PAGE = (Path(ROOT) / "docs" / "monitoring.md").read_text()
ROW = re.compile(r"^\| `(showroom_\w+)` \| (\w+) \| ([^|]*)\| (.*) \|$", re.MULTILINE)
NAME = re.compile(r"\bshowroom_\w+")
SERIES = re.compile(r"\b(showroom_\w+)(?:{([^}]*)})?")
LABEL = re.compile(r'(\w+)=~?"([^"]*)"')


def test_the_table_has_every_metric_and_no_other():
    told = [
        Metric(name, kind, said, tuple(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels, said in ROW.findall(PAGE)
    ]
    assert told == list(METRICS.values())


def test_names_follow_the_rules_of_prometheus():
    for name, metric in METRICS.items():
        assert name.endswith("_total") == (metric.kind == "counter")
        assert name.endswith("_seconds") or metric.kind != "histogram"
        assert metric.help


@pytest.fixture(scope="module")
def rules():
    (block,) = (
        text for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL) if "expr" in text
    )
    (group,) = yaml.safe_load(block)["groups"]
    return group["rules"]


def test_what_never_was_is_alerted_like_what_is_too_old(rules):
    told = [rule["expr"] for rule in rules]
    ages = [age for expression in told for age in AGE.findall(expression)]
    assert len(ages) == 3
    for age in ages:
        assert any(f" unless {age}" in expression for expression in told), age


def test_the_alerts_are_rules_about_metrics_and_labels_that_are_there(rules):
    assert len(rules) == len({rule["alert"] for rule in rules})
    for rule in rules:
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]
        named = [name.removesuffix("_bucket") for name in NAME.findall(rule["expr"])]
        assert set(named) <= set(METRICS), rule["alert"]
        labels = {label for name in named for label in METRICS[name].labels}
        asked = re.findall(r"(\w+)=~?\"", rule["expr"])
        told = re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"])
        assert {*asked, *told} <= {*labels, *(["job"] if "up{" in rule["expr"] else [])}


def test_every_alert_finds_its_series_in_a_scrape(rules, serve, postgres_url, execute):
    execute(FILL)
    settings = Settings(meili_url=AWAY, database_url=postgres_url, admin_key="s3cret")
    with serve(settings) as client:
        assert client.get("/api/v1/listings").status_code == 503
        told = [_read(series) for text in scrape(client) for series in SERIES.findall(text)]
    for rule in rules:
        for name, wanted in map(_read, SERIES.findall(rule["expr"])):
            assert any(_is_meant(name, wanted, *series) for series in told), (rule["alert"], name)


def _read(series):
    name, labels = series
    return name, dict(LABEL.findall(labels))


def _is_meant(name, wanted, told_name, told):
    return name == told_name and all(
        label in told and re.fullmatch(value, told[label]) for label, value in wanted.items()
    )
