"""The world on loopback: Hugging Face and all of arXiv in one server, with their real rules and any fault.

    with World(days, today=date(2026, 1, 30), interval=0.05) as world:
        settings = ... world.endpoints ...
        world.fault("rss", Fault(status=503), times=2)
        ... world.requests ...

By itself:  python -m tests.stubs.world --port 8765 --root DIR --today 2026-01-30 --log requests.jsonl
with DIR holding
    papers*.jsonl[.gz]                   a line a paper: id announced primary categories title abstract authors
    huggingface/2026-01-30.json[.gz]     a day's list as the API answers it
    html/2601.16914v1.html  pdf/2601.16914v1.pdf   full texts; `default.html`, `default.pdf` for all others
    feeds/NAME.xml                       served as /feeds/NAME.xml

The two are told apart by name: Hugging Face (and /feeds) is asked for at http://localhost:PORT, arXiv at
http://127.0.0.1:PORT, so a client's rules for arXiv's hosts can be seen to hold for those alone.
A running server is steered over HTTP: GET /_world/log, /_world/today?date=D, /_world/fault?route=R&status=S….
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import itertools
import json
import socket
import threading
import time
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from tests.stubs.world_bodies import Day, Record, record
from tests.stubs.world_calendar import Answer, Calendar, days_of, route_of
from tests.stubs.world_faults import Fault, Request
from tests.stubs.world_folder import load
from tests.stubs.world_handler import handler_of
from tests.stubs.world_manners import ARXIV_ROUTES, Manners

__all__ = ["ARXIV_ROUTES", "Day", "Fault", "Record", "Request", "World", "days_of", "record"]


class World:
    """A server on loopback, as a context manager."""

    def __init__(
        self,
        days: Mapping[dt.date, Day],
        *,
        today: dt.date,
        interval: float = 0.0,
        html: Mapping[str, bytes] | None = None,
        pdf: Mapping[str, bytes] | None = None,
        feeds: Mapping[str, bytes] | None = None,
        oai_page: int = 2000,
        port: int = 0,
        log: Path | None = None,
    ) -> None:
        self.calendar = Calendar(days, today=today, html=html, pdf=pdf, feeds=feeds, oai_page=oai_page)
        self.manners = Manners(interval)
        self.requests: list[Request] = []
        self.log = log
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._always: dict[str, Fault] = {}
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self._sockets: dict[int, socket.socket] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler_of(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        with self._lock:
            for one in self._sockets.values():
                with contextlib.suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        self._server.server_close()

    @property
    def today(self) -> dt.date:
        return self.calendar.today

    @today.setter
    def today(self, day: dt.date) -> None:
        self.calendar.today = day

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def arxiv(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def huggingface(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def endpoints(self) -> dict[str, str]:
        """The section `endpoints` of the settings."""
        arxiv = dict.fromkeys(("arxiv", "arxiv_rss", "arxiv_api", "arxiv_oai", "biorxiv"), self.arxiv)
        return {"huggingface": self.huggingface, **arxiv}

    @property
    def environ(self) -> dict[str, str]:
        """The same as environment variables, with the pace."""
        names = {f"DIGEST_ENDPOINTS__{name.upper()}": value for name, value in self.endpoints.items()}
        return {**names, "DIGEST_HTTP__ARXIV_INTERVAL_SECONDS": str(self.manners.interval)}

    def fault(self, route: str, fault: Fault, *, times: int | None = 1) -> None:
        """The next `times` requests of a route fail so; None: all of them from now on."""
        with self._lock:
            if times is None:
                self._always[route] = fault
            else:
                self._faults[route].extend([fault] * times)

    def mend(self) -> None:
        """No more faults."""
        with self._lock:
            self._faults.clear()
            self._always.clear()

    def seen(self, *routes: str) -> list[Request]:
        """The requests of these routes, in order."""
        with self._lock:
            return [one for one in self.requests if one.route in routes]

    def gaps(self) -> list[float]:
        """Seconds between one request to arXiv and the next."""
        times = [one.at for one in self.seen(*ARXIV_ROUTES)]
        return [later - earlier for earlier, later in itertools.pairwise(times)]

    @property
    def complaints(self) -> list[str]:
        """What arXiv had to say about its visitor's manners."""
        return [one.complaint for one in self.seen(*ARXIV_ROUTES) if one.complaint]

    # What a request meets: manners first, then faults, then the real answer.

    def answer(self, path: str, headers: Mapping[str, str], connection: int) -> tuple[Answer, Fault]:
        """Manners first, then faults, then the real answer."""
        route = route_of(path)
        if route == "_world":
            return self._steer(path), Fault()
        now = time.monotonic()
        complaint = self.manners.enter(headers, now, connection, self._gone) if route in ARXIV_ROUTES else ""
        with self._lock:
            queue = self._faults.get(route)
            fault = Fault() if complaint else queue.popleft() if queue else self._always.get(route, Fault())
        if complaint:
            given = Answer(int(complaint[:3]), b"Rate exceeded.")
        elif fault.status is not None:
            given = Answer(fault.status, fault.body, fault.headers)
        else:
            given = self.calendar.answer(route, path)
        request = Request(now - self._began, route, path, dict(headers), connection, given.status, complaint)
        with self._lock:
            self.requests.append(request)
            if self.log:
                with self.log.open("a") as file:
                    file.write(json.dumps(asdict(request)) + "\n")
        return given, fault

    def connected(self, connection: int, sock: socket.socket) -> None:
        with self._lock:
            self._sockets[connection] = sock

    def _gone(self, connection: int) -> bool:
        sock = self._sockets.get(connection)
        try:
            return sock is None or sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def disconnected(self, connection: int) -> None:
        self.manners.closed(connection)
        with self._lock:
            self._sockets.pop(connection, None)

    def _steer(self, path: str) -> Answer:
        """Orders to a world that runs by itself."""
        parts = urlsplit(path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        order = parts.path.removeprefix("/_world/")
        if order == "today":
            self.today = dt.date.fromisoformat(query["date"])
        elif order == "mend":
            self.mend()
        elif order == "fault":
            headers = {"Retry-After": query["retry_after"]} if "retry_after" in query else {}
            times = int(query["times"]) if "times" in query else None
            status = int(query["status"]) if "status" in query else None
            share = float(query["cut"]) if "cut" in query else None
            fault = Fault(status, b"", headers, float(query.get("delay", 0)), cut=share)
            self.fault(query["route"], fault, times=times)
        elif order != "log":
            return Answer(404, b"")
        with self._lock:
            log = [asdict(one) for one in self.requests]
        return Answer(200, json.dumps(log).encode(), {"Content-Type": "application/json"})


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Hugging Face and arXiv on loopback")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument(
        "--today", type=dt.date.fromisoformat, default=None, help="default: the last day in DIR"
    )
    parser.add_argument(
        "--interval", type=float, default=0.0, help="seconds that arXiv wants between requests"
    )
    parser.add_argument("--log", type=Path, default=None)
    given = parser.parse_args(arguments)
    days, texts = load(given.root)
    world = World(
        days,
        today=given.today or max(days),
        interval=given.interval,
        html=texts["html"],
        pdf=texts["pdf"],
        feeds=texts["feeds"],
        port=given.port,
        log=given.log,
    )
    with world:
        for name, value in world.environ.items():
            print(f"export {name}={value}", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
