"""Numbers as Prometheus reads them: its text format, or OpenMetrics where that is asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, exposition
from prometheus_client.core import Metric as Family
from prometheus_client.openmetrics import exposition as openmetrics

from service.metrics.declared import BUCKETS, METRICS, Metric, Numbers

OPENMETRICS = "application/openmetrics-text"


def exposed(numbers: Numbers, accept: str) -> tuple[bytes, str]:
    """Every metric, those that nothing is known of too, and the content type."""
    families = Families(numbers)
    if OPENMETRICS in accept:
        content = openmetrics.generate_latest(families)  # type: ignore[no-untyped-call]
        return content, openmetrics.CONTENT_TYPE_LATEST
    return exposition.generate_latest(families), CONTENT_TYPE_PLAIN_0_0_4


@dataclass(frozen=True)
class Families:
    """What the library's writers ask for metrics."""

    numbers: Numbers

    def collect(self) -> Iterator[Family]:
        by_name: dict[str, Numbers] = {name: {} for name in METRICS}
        for (name, *values), number in sorted(self.numbers.items()):
            by_name[name][tuple(values)] = number
        for name, metric in METRICS.items():
            yield _family(metric, by_name[name])


def _family(metric: Metric, numbers: Numbers) -> Family:
    """A metric with its numbers by the values of its labels."""
    family = Family(metric.name.removesuffix("_total"), metric.help, metric.kind)
    for values, number in numbers.items():
        labels = dict(zip(metric.labels, values, strict=True))
        if metric.kind == "histogram":
            _add_histogram(family, labels, number)
        else:
            family.add_sample(metric.name, labels, number[0])
    return family


def _add_histogram(family: Family, labels: dict[str, str], number: list[float]) -> None:
    seconds, *buckets = number
    for bound, count in zip(BUCKETS, accumulate(buckets), strict=True):
        family.add_sample(f"{family.name}_bucket", {**labels, "le": bound}, count)
    family.add_sample(f"{family.name}_count", labels, sum(buckets))
    family.add_sample(f"{family.name}_sum", labels, seconds)
