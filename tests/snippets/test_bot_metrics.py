"""Metrics as Prometheus reads them, over HTTP."""

from __future__ import annotations

from bot_metrics import BotMetrics
from prometheus_client.parser import text_string_to_metric_families
from requests import get


def test_metrics_are_served_as_prometheus_reads_them() -> None:
    metrics = BotMetrics()
    metrics.orders.labels("placed").inc(2)
    metrics.take("user", {"connects": 3})
    metrics.take("user", {"connects": 4})
    port = metrics.serve(0)
    text = get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
    found = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found["bot_orders_total", "placed"] == 2
    assert found["bot_stream", "connects", "user"] == 4


def test_two_bots_in_one_process_do_not_share_figures() -> None:
    first, second = BotMetrics(), BotMetrics()
    first.cancels.inc()
    assert second.registry.get_sample_value("bot_cancels_total") == 0
