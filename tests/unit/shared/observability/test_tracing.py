"""Tracing costs nothing and changes nothing until it is turned on."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.observability import tracing

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_when_off_the_callers_trace_is_handed_on() -> None:
    with tracing.span("booking", "POST /v1/courses", kind="SERVER", parent=PARENT) as traceparent:
        assert traceparent == PARENT


def test_when_off_no_sdk_is_imported() -> None:
    program = "import sys, shared.web.routing; print([name for name in sys.modules if 'opentelemetry.sdk' in name])"
    assert subprocess.check_output([sys.executable, "-c", program], text=True).strip() == "[]"


def test_turned_off_again_nothing_is_recorded() -> None:
    exporter = InMemorySpanExporter()
    off = tracing.configure(["booking"], "booking-0", exporter)
    assert tracing.enabled("booking")
    assert not tracing.enabled("reporting")
    with tracing.span("booking", "one", kind="SERVER", parent=None):
        pass
    off()
    with tracing.span("booking", "two", kind="SERVER", parent=None):
        pass
    assert [span.name for span in exporter.get_finished_spans()] == ["one"]


def test_spans_reach_the_collector_that_the_setting_names() -> None:
    received: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            """Says nothing."""

    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    off = tracing.configure(["booking"], "booking-0", tracing.collector(f"http://127.0.0.1:{server.server_port}/"))
    with tracing.span("booking", "POST /v1/courses", kind="SERVER", parent=PARENT):
        pass
    off()
    server.shutdown()
    [(path, body)] = received
    assert path == "/v1/traces"
    assert b"kursnav-booking" in body
    assert b"POST /v1/courses" in body
