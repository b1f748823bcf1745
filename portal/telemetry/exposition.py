"""Knows how the operator's figures are written in the format that Prometheus reads."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from portal.domain.delivery import UNSETTLED, State
from portal.domain.figures import QueueFigures
from portal.domain.outgoing import Lane

__all__ = ["CONTENT_TYPE_LATEST", "exposition"]


def exposition(queue: QueueFigures, *, delivers: bool) -> bytes:
    """The figures of a queue, whether somebody delivers, and the figures of this process, as text in UTF-8."""
    registry = CollectorRegistry()
    registry.register(_Figures(queue, delivers=delivers))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, queue: QueueFigures, *, delivers: bool) -> None:
        self._queue, self._delivers = queue, delivers

    def collect(self) -> Iterator[GaugeMetricFamily]:
        queue = self._queue
        yield _gauge("portal_delivers", "Whether some process on this machine delivers.", self._delivers)
        yield _by(
            "portal_recipients",
            "Recipients that have not got their mail yet, by state; the quarantined wait for a person.",
            "state",
            ((state.value, queue.unsettled.get(state, 0)) for state in (*UNSETTLED, State.QUARANTINED)),
        )
        yield _by(
            "portal_mails_due",
            "Mails that are due and in nobody's hands, by lane.",
            "lane",
            ((lane.value, queue.due.get(lane, 0)) for lane in Lane),
        )
        yield _by(
            "portal_mails_due_oldest_seconds",
            "For how long the first of them has been due, by lane.",
            "lane",
            ((lane.value, queue.oldest.get(lane, 0)) for lane in Lane),
        )
        yield _gauge("portal_mails_in_hand", "Mails that are under way.", queue.in_hand)
        yield _gauge("portal_queue_held", "Whether the operator holds the whole queue.", queue.is_held)
        yield _gauge("portal_mail_configs_paused", "Configurations that are paused.", queue.paused_configs)
        yield _gauge("portal_mail_configs_failing", "Configurations in use that fail.", queue.failing_configs)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=float(value))


def _by(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values:
        family.add_metric([key], float(value))
    return family
