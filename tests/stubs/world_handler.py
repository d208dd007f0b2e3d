"""How a world's answer goes over the wire, whole or otherwise."""

from __future__ import annotations

import contextlib
import time
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from tests.stubs.world_calendar import Answer, route_of
from tests.stubs.world_faults import Fault
from tests.stubs.world_manners import ARXIV_ROUTES

if TYPE_CHECKING:
    from tests.stubs.world import World


def handler_of(world: World) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        numbers = iter(range(1, 1_000_000))

        def setup(self) -> None:
            super().setup()
            self.number = next(self.numbers)
            self.in_hand = False
            world.connected(self.number, self.connection)

        def finish(self) -> None:
            world.disconnected(self.number)
            with contextlib.suppress(OSError):
                super().finish()

        def do_GET(self) -> None:
            headers = {key.lower(): value for key, value in self.headers.items()}
            given, fault = world.answer(self.path, headers, self.number)
            self.in_hand = route_of(self.path) in ARXIV_ROUTES
            try:
                self._send(given, fault)
            except OSError:  # the client has gone
                self.close_connection = True
            finally:
                self._leave()

        def _leave(self) -> None:
            if self.in_hand:
                self.in_hand = False
                world.manners.leave(self.number)

        def _send(self, given: Answer, fault: Fault) -> None:
            time.sleep(fault.delay)
            body = given.body
            if fault.short is not None:
                body = body[: int(len(body) * fault.short)]
            if fault.drop:
                self.close_connection = True
                return
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if fault.cut is not None:
                body = body[: int(len(body) * fault.cut)]
                self.close_connection = True
            half = len(body) // 2
            self.wfile.write(body[:half])
            if fault.stall:
                self.wfile.flush()
                time.sleep(fault.stall)
            self._leave()  # before the client can know that it has everything, and ask again
            self.wfile.write(body[half:])

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
