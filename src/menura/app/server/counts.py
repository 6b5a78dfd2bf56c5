"""What the server counts, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.005, 0.02, 0.1, 0.5, 2, 10, 60)


class Counts:
    """Counters of one server."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "menura_requests", "Requests answered", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "menura_request_seconds", "Time to answer", ["route"], buckets=_SECONDS, registry=self._registry
        )
        self._jobs = Counter("menura_jobs", "Jobs ended", ["task", "status"], registry=self._registry)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        known = method if method in ("GET", "POST", "PATCH", "DELETE", "HEAD", "WS") else "other"
        self._requests.labels(known, route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def job(self, task: str, status: str) -> None:
        """A job ended."""
        self._jobs.labels(task, status).inc()

    def watch(self, name: str, about: str, value: Callable[[], float]) -> None:
        """Report a value as it is when asked for."""
        Gauge(f"menura_{name}", about, registry=self._registry).set_function(value)

    def text(self) -> bytes:
        """All of it, in Prometheus' format."""
        return generate_latest(self._registry)
