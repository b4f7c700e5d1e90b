"""A service on its own files, as an operator sees it: probes, exported metrics and logs."""

import http.client
from dataclasses import dataclass
from uuid import uuid4

from prometheus_client.parser import text_string_to_metric_families

from mongos import archive
from tests.gunicorn_server import DEADLINE_S, Server

Labels = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    headers: http.client.HTTPMessage
    text: str


def get(server: Server, path: str, **headers: str) -> Page:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE_S)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return Page(response.status, response.headers, response.read().decode())
    finally:
        connection.close()


class Scrape:
    """The content of /metrics as Prometheus reads it."""

    def __init__(self, text: str) -> None:
        self._values: dict[tuple[str, Labels], float] = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float:
        """The value of one series; 0 if there is none, as for a new counter."""
        return self._values.get((name, frozenset(labels.items())), 0.0)

    def labels_of(self) -> dict[str, set[str]]:
        """The names of all series, with the names of their labels."""
        found: dict[str, set[str]] = {}
        for name, labels in self._values:
            found.setdefault(name, set()).update(label for label, _ in labels)
        return found

    def values_of(self, label: str) -> set[str]:
        return {value for _, labels in self._values for name, value in labels if name == label}


def scrape(server: Server) -> Scrape:
    page = get(server, "/metrics", Host="10.1.2.3:8000")  # Prometheus uses the address
    assert page.status == 200
    return Scrape(page.text)


def spool_frames(number: int, *, size: int = 100, fits: bool = True) -> None:
    """Spool frames in this process's archive; with fits=False, assert that there is no room for them."""
    for _ in range(number):
        fields = {"id": uuid4().hex, "user_id": 1, "captured_at": archive.now(), "image": b"x" * size}
        assert archive.spool().put(fields) is fits
