"""The Messages API on loopback: it refuses what the real one refuses, fails as scripted, and records it all.

    with MessagesStub(script=["overloaded", None, rate_limited(2)]) as stub:
        …                      # ANTHROPIC_BASE_URL=stub.url
        stub.calls[0].body     # what was sent

By hand: `python -m tests.stubs.messages --port 8001 --log calls.jsonl`. No server-sent events, no batches.
"""

from __future__ import annotations

import argparse
import importlib
import ipaddress
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self, get_args
from urllib.parse import unquote

from tests.stubs import messages_replies as replies
from tests.stubs import messages_rules as rules
from tests.stubs.messages_answers import plain_answer
from tests.stubs.messages_calls import Call, Latency
from tests.stubs.messages_faults import FAULTS, Fault, error, rate_limited, slow
from tests.stubs.messages_replies import Answering, Mode

__all__ = [
    "FAULTS",
    "Answering",
    "Call",
    "Fault",
    "Latency",
    "MessagesStub",
    "Mode",
    "error",
    "rate_limited",
    "slow",
]

Entry = Fault | str | None


class MessagesStub:
    """`script` has an entry for each request to /v1/messages, in the order they arrive, or is a map by number
    from 0, or a function of the request's body; a fault, its name, or None for the ordinary answer, which `answer` makes.
    """

    def __init__(
        self,
        *,
        answer: Answering = plain_answer,
        script: Iterable[Entry] | Mapping[int, Entry] | Callable[[Any], Entry] = (),
        latency: Latency | float = 0.0,
        mode: Mode = "anthropic",
        models: Iterable[str] = rules.KNOWN_MODELS,
        keys: Iterable[str] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        log: Path | None = None,
    ) -> None:
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"{host} is not a loopback address; this stub serves no other")
        self.answer, self.mode, self.log = answer, mode, log
        self.latency = latency if isinstance(latency, Latency) else Latency(latency)
        self.models = frozenset(models)
        self.keys = None if keys is None else frozenset(keys)
        self.calls: list[Call] = []
        self.peak = 0
        self.problems: list[BaseException] = []
        self.stopping = threading.Event()
        self._by_body = script if callable(script) else None
        self._by_number = script if isinstance(script, Mapping) else None
        self._in_turn = iter(()) if callable(script) or isinstance(script, Mapping) else iter(script)
        self._asked = self._in_flight = 0
        self._lock = threading.Lock()
        self._server = _Server((host, port), _Handler)
        self._server.stub = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        """What to set ANTHROPIC_BASE_URL to."""
        host, port = self._server.server_address[:2]
        return f"http://{host if isinstance(host, str) else host.decode()}:{port}"

    @property
    def asked(self) -> list[Call]:
        """The recorded requests to /v1/messages alone."""
        return [call for call in self.calls if call.path == "/v1/messages"]

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering; whoever waits for a slow answer is released."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        if self.problems and kind is None:
            raise self.problems[0]

    def begin(self, path: str, headers: dict[str, str], body: Any) -> tuple[Call, Fault]:
        """Record a request and draw its entry of the script."""
        with self._lock:
            self._in_flight += 1
            self.peak = max(self.peak, self._in_flight)
            call = Call(len(self.calls), path, headers, body, time.monotonic(), self._in_flight)
            self.calls.append(call)
            entry: Entry = None
            if path == "/v1/messages":
                number, self._asked = self._asked, self._asked + 1
                if self._by_body is not None:
                    entry = self._by_body(body)
                elif self._by_number is not None:
                    entry = self._by_number.get(number)
                else:
                    entry = next(self._in_turn, None)
        fault = FAULTS[entry] if isinstance(entry, str) else entry or FAULTS["ok"]
        call.fault = fault.name
        return call, fault

    def end(self, call: Call) -> None:
        with self._lock:
            self._in_flight -= 1
            call.ended = time.monotonic()
            if self.log is not None:
                with self.log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(call.masked()) + "\n")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    stub: MessagesStub

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the tests; anything else is a fault of the stub and fails them."""
        problem = sys.exception()
        if problem is not None and not isinstance(problem, ConnectionError):
            self.stub.problems.append(problem)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024  # headers and body in one packet
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Silent: `calls` has it all."""

    def do_GET(self) -> None:
        self._serve(None)

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            self._serve(json.loads(data), size=len(data))
        except ValueError:
            self._serve(None, size=len(data))

    def _serve(self, body: Any, size: int = 0) -> None:
        stub = self.server.stub
        path = self.path.partition("?")[0]
        call, fault = stub.begin(path, {name.lower(): value for name, value in self.headers.items()}, body)
        try:
            reply = respond(stub, call, fault, size)
            if fault.delay and stub.stopping.wait(fault.delay):
                self.close_connection = True
                return
            self._write(call, reply, cut=fault.cut)
        finally:
            stub.end(call)

    def _write(self, call: Call, reply: Fault, *, cut: bool) -> None:
        call.status = reply.status
        body = reply.body or b""
        self.send_response(reply.status)
        headers = {"content-type": reply.content_type, "content-length": str(len(body)), **reply.headers}
        headers |= {"request-id": f"req_{call.number:06}", "anthropic-organization-id": "org_stub"}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        # Sent by the base class when this request has been counted out: before, the client's next one could overtake.
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = self.close_connection or cut


def respond(stub: MessagesStub, call: Call, fault: Fault, size: int) -> Fault:
    """The reply to one request: its status, headers and body."""
    if call.path == "/v1/oauth/token":
        return replies.token(call.body)
    keys = None if stub.keys is None else stub.keys | {replies.ACCESS_TOKEN}
    complaint = rules.check_headers(call.headers, keys)
    if complaint is None and size > rules.MOST_BYTES:
        complaint = rules.Complaint(413, "request_too_large", "Request exceeds the maximum size")
    if complaint is not None:
        return replies.refused(complaint)
    if call.path.startswith("/v1/models/"):
        return replies.model_info(unquote(call.path.rsplit("/", 1)[1]), stub.models)
    if call.path == "/v1/messages/count_tokens" and isinstance(call.body, dict):
        return replies.as_json({"input_tokens": rules.count_tokens(call.body)})
    if call.path != "/v1/messages":
        return replies.refused(rules.Complaint(404, "not_found_error", "Not found"))
    return fault if fault.body is not None else _message(stub, call, fault)


def _message(stub: MessagesStub, call: Call, fault: Fault) -> Fault:
    """The model's answer, unless the request breaks a rule."""
    body = call.body
    if stub.mode == "anthropic":
        complaint = rules.check(body, call.headers.get("anthropic-version", ""), stub.models)
    else:
        complaint = replies.third_party(body, stub.mode)
    if complaint is None and body.get("stream"):
        complaint = rules.wrong("stream: this stub does not stream")
    if complaint is not None:
        return replies.refused(complaint)
    message = replies.compose(stub.answer, body, stub.mode)
    if fault.change is not None:
        message = fault.change(message, body)
        if not fault.lies:
            message = replies.recounted(message)
    usage = message["usage"].items() if not fault.lies else ()
    call.usage = {key: value for key, value in usage if isinstance(value, int)}
    wait = stub.latency.first_token + stub.latency.per_token * call.usage.get("output_tokens", 0)
    if wait:
        stub.stopping.wait(wait)
    return replies.as_json(message, replies.rate_limits())


def main(arguments: list[str] | None = None) -> None:
    """Serve until a signal comes; the first line printed is the address."""
    parser = argparse.ArgumentParser(prog="python -m tests.stubs.messages", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path, help="append every request to this JSONL file, secrets masked")
    parser.add_argument("--script", default="", help="names of faults, separated by commas: ok,overloaded,ok")
    parser.add_argument("--answer", default="", help="MODULE:FUNCTION, from a request's body to the answer")
    parser.add_argument("--mode", choices=get_args(Mode), default="anthropic")
    parser.add_argument("--key", action="append", help="accept this key alone (may be repeated)")
    parser.add_argument(
        "--model", action="append", default=[], help="a model id to know besides the usual ones"
    )
    parser.add_argument("--first-token", type=float, default=0.0, help="seconds")
    parser.add_argument("--per-token", type=float, default=0.0, help="seconds")
    chosen = parser.parse_args(arguments)
    answer: Answering = plain_answer
    if chosen.answer:
        module, _, function = chosen.answer.partition(":")
        answer = getattr(importlib.import_module(module), function)
    stub = MessagesStub(
        answer=answer,
        script=[name for name in chosen.script.split(",") if name],
        latency=Latency(chosen.first_token, chosen.per_token),
        mode=chosen.mode,
        models=rules.KNOWN_MODELS | set(chosen.model),
        keys=chosen.key,
        port=chosen.port,
        log=chosen.log,
    )
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    with stub:
        print(stub.url, flush=True)
        done.wait()


if __name__ == "__main__":
    main()
