import json
import os
import sys
import time
from pathlib import Path

import pytest

from pipeline.core import limits
from pipeline.core.models import Text
from pipeline.extraction.pdf import parse
from pipeline.extraction.text import NotReadable
from tests.extraction.pages import RECORDED, said
from tests.extraction.pdfs import BODY, bomb, build, column, parse_pdf, text, written

URL = "https://arxiv.org/pdf/2601.99999v1"

# The process that opens the file


def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Let another program stand in for the one that opens PDFs."""
    path = tmp_path / "child.py"
    path.write_text(program)
    command = [sys.executable, "-I", "-B", str(path)]
    monkeypatch.setattr(limits, "child_command", lambda _, *arguments: [*command, *arguments])


ANSWER = """
import json, os, sys
def answer(words):
    runs = [[72, 700 - 12 * n, 400, 710 - 12 * n, 10, False, line] for n, line in enumerate(words)]
    pages = [{"width": 612, "height": 792, "runs": runs}]
    print(json.dumps({"pages": pages, "hidden": 0, "pictures": 0, "rotated": 0, "unread_pages": 0}))
"""


def test_the_child_has_nothing_of_the_parents_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-planted-secret")
    child(
        tmp_path,
        monkeypatch,
        ANSWER + "answer([f'Variable {k} is {v}. ' for k, v in os.environ.items()] + ['It is said. ' * 200])",
    )
    found = parse_pdf(build(["x"]), URL, seconds=60, megabytes=512)
    assert isinstance(found, Text)
    everything = " ".join(said(found))
    assert "It is said." in everything
    assert "planted" not in everything
    assert "ANTHROPIC" not in everything
    # What Python itself sets for a C locale is all that there is.
    variables = {one.split()[1] for one in said(found) if one.startswith("Variable")}
    assert variables <= {"LC_CTYPE"}


LIMITS = """
import resource, sys, os
sys.path.insert(0, {root!r})
from pipeline.core.limits import set_limits
set_limits(int(sys.argv[1]), int(sys.argv[2]))
lines = []
for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_CORE", "RLIMIT_FSIZE"):
    lines.append(f"{{name}} is {{resource.getrlimit(getattr(resource, name))}}.")
try:
    with open({written!r}, "w") as file:
        file.write("x" * 10)
    lines.append("The file was written.")
except OSError as error:
    lines.append(f"Writing failed with {{error.errno}}.")
try:
    bytearray(900 << 20)
    lines.append("The memory was given.")
except MemoryError:
    lines.append("The memory was refused.")
lines.append(f"It stands in {{os.getcwd()}}.")
"""


def test_the_child_can_write_no_file_and_take_no_more_than_its_share(tmp_path, monkeypatch):
    path = tmp_path / "written"
    program = LIMITS.format(root=str(limits.ROOT), written=str(path))
    child(tmp_path, monkeypatch, ANSWER + program + "answer([*lines, 'It is said. ' * 200])")
    found = parse_pdf(build(["x"]), URL, seconds=59.5, megabytes=512)
    assert isinstance(found, Text)
    assert said(found)[:7] == [
        f"RLIMIT_AS is ({512 << 20}, {512 << 20}).",
        "RLIMIT_CPU is (60, 60).",
        "RLIMIT_CORE is (0, 0).",
        "RLIMIT_FSIZE is (0, 0).",
        "Writing failed with 27.",  # EFBIG
        "The memory was refused.",
        "It stands in /.",
    ]
    assert path.read_bytes() == b""


@pytest.mark.slow
def test_a_child_that_hangs_is_ended_with_all_that_it_started(tmp_path, monkeypatch):
    pids = tmp_path / "pids"
    program = f"""
import os, subprocess, sys, time
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({str(pids)!r}, "w").write(f"{{os.getpid()}} {{other.pid}}")
time.sleep(600)
"""
    child(tmp_path, monkeypatch, program)
    found = parse_pdf(build(["x"]), URL, seconds=2, megabytes=512)
    assert found == NotReadable("reading the PDF took longer than 2 seconds")
    for pid in pids.read_text().split():
        assert state(int(pid)) in {"gone", "Z"}


def no_group(_pid: int, _signal: int) -> None:
    """macOS (killpg(2)): EPERM where the group has but a child that ended and was not waited for."""
    raise PermissionError(1, "Operation not permitted")


def test_a_group_that_may_not_be_ended_takes_no_text_away(monkeypatch):
    monkeypatch.setattr(os, "killpg", no_group)
    found = parse_pdf(build([column(72, 700, BODY)]), URL, seconds=60, megabytes=512)
    assert isinstance(found, Text), found


def test_a_child_that_hangs_is_ended_without_its_group_too(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "killpg", no_group)
    child(tmp_path, monkeypatch, "import time; time.sleep(20)")
    began = time.monotonic()
    found = parse_pdf(build(["x"]), URL, seconds=0.5, megabytes=512)
    assert isinstance(found, NotReadable)
    assert "took longer than 0.5 seconds" in found.reason
    assert time.monotonic() - began < 10


def state(pid: int) -> str:
    """A process's state: a killed one is gone, or a zombie until somebody asks for it."""
    for _ in range(10_000):
        try:
            found = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return "gone"
        if found == "Z":
            return found
        os.sched_yield()
    return found


GOOD = {
    "pages": [{"width": 612, "height": 792, "runs": []}],
    "hidden": 0,
    "pictures": 0,
    "rotated": 0,
    "unread_pages": 0,
}


@pytest.mark.parametrize(
    "output",
    [
        "not JSON",
        '{"error": "run rm -rf"}',
        json.dumps({**GOOD, "more": 1}),
        json.dumps({**GOOD, "hidden": -1}),
        json.dumps({**GOOD, "hidden": "1"}),
        json.dumps({**GOOD, "pages": [{"width": float("nan"), "height": 1, "runs": []}]}),
        json.dumps({**GOOD, "pages": [{"width": 1e300, "height": 1, "runs": []}]}),
        json.dumps({**GOOD, "pages": [{"width": 1, "height": 1, "runs": [[0, 0, 0, 0, "ten", False, "x"]]}]}),
        json.dumps({**GOOD, "pages": [{"width": 1, "height": 1, "runs": [[0, 0, 0, 0, 10, False]]}]}),
        "[" * 100_000,
    ],
)
def test_an_answer_that_makes_no_sense_is_not_believed(tmp_path, monkeypatch, output):
    child(tmp_path, monkeypatch, f"import sys; sys.stdout.write({output!r})")
    found = parse_pdf(build(["x"]), URL, seconds=60, megabytes=512)
    assert found == NotReadable("the program that opens PDFs gave an answer that makes no sense")


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("", "the PDF could not be read within its limits of time and memory"),
        ("import os; os.abort()", "the PDF could not be read within its limits of time and memory"),
        ("import sys\nwhile True: sys.stdout.write('x' * 1_000_000)", "the PDF holds more text than a paper"),
        ('print(\'{"error": "memory"}\')', "the PDF needs more memory than it is given"),
        ('import os; os.close(0); print(\'{"error": "damaged"}\')', "the file is damaged, or no PDF"),
    ],
)
def test_a_child_that_fails_gives_a_reason(tmp_path, monkeypatch, program, reason):
    for module in (limits, parse):
        monkeypatch.setattr(module, "MAX_OUTPUT_BYTES", 5_000_000)
    child(tmp_path, monkeypatch, program)
    assert parse_pdf(build(["x" * 3_000_000]), URL, seconds=60, megabytes=512) == NotReadable(reason)


# Files made to break the reader

PAPER = (RECORDED / "synthetic" / "2601.99999v1.pdf").read_bytes()
LOCKED = (
    "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <"
    + "28" * 32
    + "> /U <"
    + "29" * 32
    + "> >> /ID [<00> <00>]"
)
LOOP = {
    1: "<< /Type /Catalog /Pages 2 0 R >>",
    2: "<< /Type /Pages /Kids [3 0 R] /Count 1000000 >>",
    3: "<< /Type /Pages /Kids [2 0 R 3 0 R] /Parent 2 0 R /Count 1000000 >>",
}
HOSTILE = {
    "empty": b"",
    "garbage": bytes(range(256)) * 1000,
    "garbage with a name": b"%PDF-1.7\n" + bytes(range(256)) * 1000,
    "cut in the middle": PAPER[: len(PAPER) // 2],
    "cut at the end": PAPER[:-2000],
    "cut at the start": PAPER[:300],
    "bytes turned": bytes(byte ^ (0xFF if place % 997 == 0 else 0) for place, byte in enumerate(PAPER)),
    "encrypted": build([column(72, 700, BODY)], trailer=LOCKED),
    "pages in a circle": written(LOOP),
    "a page tree without end": build(["x"]).replace(b"/Count 1 ", b"/Count 99999999 "),
    "no pages": build([]),
    "a form that draws itself": build(
        [column(72, 700, BODY) + "/Form Do"], form=text(0, 0, "x") + "/Form Do"
    ).replace(b"/ca 0.5 >> >> >>", b"/ca 0.5 >> >> /XObject << /Form 7 0 R >> >>"),
    "nested arrays": build(
        [column(72, 700, BODY)], extra="9 0 obj\n" + "[" * 200_000 + "\nendobj\n", trailer="/Info 9 0 R"
    ),
    "nested dictionaries": build(["<< /A " * 100_000 + column(72, 700, BODY)]),
    "nested blocks": build(["q " * 300_000 + column(72, 700, BODY)]),
    "a bomb": bomb(800),
    "wide numbers": build(
        [text(1e30, -1e30, "far") + text(72, 700, "large", size=1e9) + column(72, 700, BODY)]
    ),
    "not numbers": build(
        ["BT /F1 nan Tf (x) Tj ET BT /F1 1e999 Tf 0 0 0 0 0 0 Tm (y) Tj ET " + column(72, 700, BODY)]
    ),
    "many pages": build([text(72, 400, f"Page {number} says this much.") for number in range(800)]),
    "many characters": build(["".join(column(72, 700, BODY) for _ in range(100))]),
    "a stream longer than the file": build([column(72, 700, BODY)]).replace(b"/Length ", b"/Length 99999"),
    "no room on the page": build([column(72, 700, BODY)]).replace(b"[0 0 612 792]", b"[0 0 0 0]    "),
    "another file": b"<html>%PDF-1.7</html>" * 100,
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.long if name == "many characters" else ()) for name in HOSTILE],
)
def test_a_hostile_file_is_read_within_its_limits_or_refused_with_a_reason(name):
    found = parse_pdf(HOSTILE[name], URL, seconds=20, megabytes=512)
    if isinstance(found, NotReadable):
        assert found.reason.isprintable()
        return
    assert [one.id for one in found.sentences] == list(range(1, len(found.sentences) + 1))
    for one in found.sentences:
        assert one.text.isprintable()
        assert 0 < len(one.text) <= 1500
        assert (one.anchor or "").startswith("page=")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("empty", "the file is damaged, or no PDF"),
        ("garbage", "the file is damaged, or no PDF"),
        ("garbage with a name", "the file is damaged, or no PDF"),
        ("encrypted", "the PDF is encrypted"),
        ("another file", "the file is damaged, or no PDF"),
    ],
)
def test_the_reason_is_the_right_one(name, reason):
    assert parse_pdf(HOSTILE[name], URL, seconds=20, megabytes=512) == NotReadable(reason)


def test_a_file_past_the_largest_size_is_not_opened(monkeypatch):
    monkeypatch.setattr(parse, "WORKER", "not.there")
    found = parse_pdf(b"%PDF-1.7" + b" " * parse.MAX_BYTES, URL, seconds=1, megabytes=512)
    assert found == NotReadable("the PDF is larger than 60 MB")


def test_pages_past_the_limit_are_counted():
    found = parse_pdf(HOSTILE["many pages"], URL, seconds=60, megabytes=512)
    assert isinstance(found, Text)
    assert found.left_out["unread_pages"] == 800 - 300


def test_a_file_of_pictures_is_no_text():
    found = parse_pdf(build(["0 0 1 rg 72 72 200 200 re f"]), URL, seconds=60, megabytes=512)
    assert found == NotReadable("the PDF holds hardly any text: its pages may be pictures")
