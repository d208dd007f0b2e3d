"""Messages to chat and mail, through apprise as it is: what is sent, what is said of a channel that fails, what never is."""

from __future__ import annotations

import importlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from pipeline.cli import check_online, notify
from pipeline.report import message
from pipeline.report.escape import escape_plain
from tests.report import days
from tests.report.test_message import CHAT, URL, hostile
from tests.stubs.notify import apprise as stand_in

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of apprise's own imports

HARM = "@everyone <!channel> <@U1> <at user_id='all'>x</at> [a](https://evil.example) *b* :rocket: #x &lt;i&gt; - c"
CHANNELS = {
    "Slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
    "Discord": "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "Telegram": "tgram://123456789:abcdefg_hijklmnop/12315544/",
    "Feishu": "feishu://abc-def-ghi/",
    "DingTalk": "dingtalk://abcdefghijklmnop1234/",
}


class Taker(BaseHTTPRequestHandler):
    """Keeps what is posted; /down/ answers 500, and repeats the address."""

    taken: list[dict[str, Any]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(500 if "down" in self.path else 200)
        self.end_headers()
        self.wfile.write(self.path.encode())
        if "down" not in self.path:
            self.taken.append(json.loads(body) | {"path": self.path})

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[str]:
    pytest.importorskip("apprise", reason="it is in requirements-dev.lock: make .venv anew")
    Taker.taken = []
    with HTTPServer(("127.0.0.1", 0), Taker) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"json://127.0.0.1:{server.server_port}"
        server.shutdown()


def command(addresses: str) -> int:
    environ = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "someone/digest"}
    environ |= {"GITHUB_REF_NAME": "main", "DIGEST_NOTIFY": addresses}
    return notify.main(["--date", "2026-01-30", "--profiles", "made-up", "--tip", "HEAD"], environ)


def test_the_committed_digest_arrives_as_it_is_written(clone, service) -> None:
    assert command(f"{service}/secret-path") == 0
    told = message.plain(days.full("en"), URL)
    assert [(one["title"], one["message"]) for one in Taker.taken] == [(told.title, told.body)]


def test_quotation_marks_around_the_secret_are_no_part_of_an_address(clone, service) -> None:
    assert command(f"\"{service}/one\" '{service}/two'") == 0
    assert sorted(one["path"].strip("/") for one in Taker.taken) == ["one", "two"]


def test_of_ten_addresses_the_wrong_one_and_the_one_that_is_down_are_warnings(clone, service, capfd) -> None:
    good = [f"{service}/good-{number}-s3cret" for number in range(8)]
    assert command("\n".join([*good[:3], "nonsense://s3cret", *good[3:], f"{service}/down-s3cret"])) == 0
    said = "".join(capfd.readouterr())
    assert len(Taker.taken) == 8
    assert "8 of 10 channels" in said
    warnings = [line for line in said.splitlines() if line.startswith("::warning")]
    assert [notify.WRONG in warnings[0], notify.FAILED in warnings[1], len(warnings)] == [True, True, 2]
    assert "channel 4 of 10" in warnings[0]
    assert "channel 10 (JSON) of 10" in warnings[1]
    assert "s3cret" not in said


@pytest.mark.slow  # loads all of apprise's services
@pytest.mark.parametrize("kind", CHANNELS)
def test_what_an_obeying_model_says_does_nothing_in_a_channel(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("apprise", reason="it is in requirements-dev.lock: make .venv anew")
    requests: Any = importlib.import_module("requests")
    sent: list[Any] = []

    def request(session: Any, method: str, url: str, **given: Any) -> Any:
        sent.append(given.get("data") or given.get("json"))
        answer = requests.Response()
        answer.status_code, answer._content = (
            200,
            b"ok" if kind == "Slack" else b'{"ok": true, "errcode": 0, "code": 0}',
        )
        return answer

    monkeypatch.setattr(requests.Session, "request", request)
    (channel,) = notify.channels(CHANNELS[kind])
    assert channel.service == kind
    assert channel.client[0].body_maxlen > message.MAX_MESSAGE
    assert notify.send(channel, message.plain(hostile(HARM), URL))
    payload = sent[-1] if isinstance(sent[-1], dict) else json.loads(sent[-1])
    texts = [line for text in strings(payload) for line in text.splitlines() if "evil" in line]
    assert len(texts) >= 5  # the title, and twice each of two picks
    for text in texts:
        words = text.removeprefix("<b>").removesuffix("</b>")  # Telegram's title
        assert escape_plain(HARM) in words
        assert not CHAT.search(words), words


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def test_what_apprise_logs_prints_and_raises_is_dropped(clone, monkeypatch, capfd, caplog) -> None:
    monkeypatch.setattr(notify, "import_module", lambda name: stand_in)
    assert command("down://s3cret wrong-s3cret") == 0
    said = "".join(capfd.readouterr()) + caplog.text
    assert "0 of 2 channels" in said
    assert "s3cret" not in said


def test_check_online_says_which_addresses_can_be_read_and_sends_nothing(service) -> None:
    probes = check_online.channels(f"{service}/s3cret nonsense://s3cret")
    assert [(probe.well, probe.text) for probe in probes] == [
        (True, "channel 1 (JSON): can be read"),
        (False, f"channel 2: {notify.WRONG}"),
    ]
    assert Taker.taken == []
    assert check_online.channels(" \n") == []


def test_without_apprise_the_warning_says_what_to_install(clone, monkeypatch, capsys) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(notify, "import_module", missing)
    assert command("json://somewhere/s3cret") == 0
    said = capsys.readouterr().out
    assert "requirements-notify.lock" in said
    assert "s3cret" not in said
    (probe,) = check_online.channels("json://somewhere/s3cret")
    assert not probe.well
    assert "pip install" in probe.text
