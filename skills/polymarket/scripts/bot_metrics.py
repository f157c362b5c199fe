"""What to watch of a running bot, for Prometheus: orders, fills, streams, balance, one place."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

RTT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class BotMetrics:
    """Pass it to what it measures. Alarms: see the table of the guide."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        r = self.registry
        self.orders = Counter("bot_orders", "Placements by outcome", ["outcome"], registry=r)
        self.cancels = Counter("bot_cancels", "Orders that were cancelled", registry=r)
        self.fills = Counter("bot_filled_shares", "Shares filled", ["side"], registry=r)
        self.placing = Histogram(
            "bot_place_seconds", "From the call to the outcome", buckets=RTT_BUCKETS, registry=r
        )
        self.open_orders = Gauge("bot_open_orders", "Orders that rest", registry=r)
        self.held = Gauge("bot_held_shares", "Shares held", registry=r)
        self.data_age = Gauge("bot_data_age_seconds", "Since the stream's last data", registry=r)
        self.trusted = Gauge("bot_trusted", "1 while book and account are known", registry=r)
        self.streams = Gauge("bot_stream", "The streams' counts", ["stream", "event"], registry=r)

    def take(self, stream: str, counts: Mapping[str, int]) -> None:
        """A stream's `counts`, as they are now."""
        for event, count in counts.items():
            self.streams.labels(stream, event).set(count)

    def serve(self, port: int, address: str = "127.0.0.1") -> int:
        """Answer http://address:port/metrics until the program ends; returns the port."""
        server, _ = start_http_server(port, address, registry=self.registry)
        return int(server.server_port)


if __name__ == "__main__":
    metrics = BotMetrics()
    metrics.orders.labels("placed").inc()
    metrics.take("market", {"connects": 1})
    for name in ("bot_orders_total", "bot_stream"):
        labels = (
            {"outcome": "placed"} if "orders" in name else {"stream": "market", "event": "connects"}
        )
        print(name, metrics.registry.get_sample_value(name, labels))
