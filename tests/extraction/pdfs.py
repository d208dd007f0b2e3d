"""Small PDFs written by hand, so that a test says all that stands in them."""

import zlib
from collections import Counter

from pipeline.core.models import Text
from pipeline.extraction.pdf.paragraphs import build_blocks
from pipeline.extraction.pdf.parse import extract_runs, parse_runs
from pipeline.extraction.pdf.reading_order import Page, Run, reading_order
from pipeline.extraction.text import Block, NotReadable

PLAIN = "<< /Font << /F1 5 0 R /F2 6 0 R >> /ExtGState << /Clear << /ca 0 >> /Half << /ca 0.5 >> >> /XObject << /Form 7 0 R >> >>"
NAMES = [
    "alder",
    "birch",
    "cedar",
    "dogwood",
    "elder",
    "fir",
    "gorse",
    "hazel",
    "iris",
    "juniper",
    "kerria",
    "larch",
]
NAMES += ["maple", "nutmeg", "oak", "pine", "quince", "rowan"]
BODY = [f"The {name} stands in this line to fill the page with words." for name in NAMES]
FONTS = ["Helvetica", "Helvetica-Bold"]


def text(x: float, y: float, words: str, *, size: float = 10, font: str = "F1", before: str = "") -> str:
    """One line of text at a place in points from the lower left corner; `before` sets color or mode."""
    escaped = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"q {before} BT /{font} {size} Tf {x} {y} Td ({escaped}) Tj ET Q\n"


def column(x: float, y: float, lines: list[str], step: float = 12, **kind) -> str:
    """Lines below each other."""
    return "".join(text(x, y - step * number, line, **kind) for number, line in enumerate(lines))


def build(
    pages: list[str], *, form: str = "", extra: str = "", trailer: str = "", page: str = "", fonts=FONTS
) -> bytes:
    """A PDF of letter pages with these content streams. `form` is drawn by `/Form Do`."""
    kids = " ".join(f"{10 + 2 * number} 0 R" for number in range(len(pages)))
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        5: f"<< /Type /Font /Subtype /Type1 /BaseFont /{fonts[0]} >>",
        6: f"<< /Type /Font /Subtype /Type1 /BaseFont /{fonts[1]} >>",
        7: stream(
            form,
            f"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources {PLAIN.replace('/Form 7 0 R', '')}",
        ),
    }
    for number, content in enumerate(pages):
        objects[10 + 2 * number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] {page} /Resources {PLAIN} /Contents {11 + 2 * number} 0 R >>"
        )
        objects[11 + 2 * number] = stream(content)
    return written(objects, extra=extra, trailer=trailer)


def parse_pdf(data: bytes, url: str, *, seconds: float, megabytes: int) -> Text | NotReadable:
    """A file's text, of which only the opening is done in a process of its own."""
    runs = extract_runs(data, seconds=seconds, megabytes=megabytes)
    return runs if isinstance(runs, NotReadable) else parse_runs(runs, url)


def stream(content: str, entries: str = "") -> str:
    return f"<< {entries} /Length {len(content.encode('latin-1'))} >>\nstream\n{content}\nendstream"


def written(objects: dict[int, str], *, extra: str = "", trailer: str = "") -> bytes:
    """The bytes of a file of these objects, with a table of where they stand."""
    body, places = b"%PDF-1.7\n", {}
    for number, content in objects.items():
        places[number] = len(body)
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    body += extra.encode("latin-1")
    table = "".join(f"{number} 1\n{place:010} 00000 n \n" for number, place in places.items())
    end = f"xref\n{table}trailer\n<< /Size {max(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{len(body)}\n%%EOF\n"
    return body + end.encode("latin-1")


def bomb(megabytes: int) -> bytes:
    """A page whose content is blanks that unpack to so many megabytes."""
    # A megabyte is compressed once and repeated: after a full flush nothing refers to what was before.
    packer, blank = zlib.compressobj(9, wbits=-15), b" " * 1_000_000
    raw = (packer.compress(blank) + packer.flush(zlib.Z_FULL_FLUSH)) * megabytes + packer.flush()
    checksum = 1
    for _ in range(megabytes):
        checksum = zlib.adler32(blank, checksum)
    packed = (b"\x78\xda" + raw + checksum.to_bytes(4, "big")).decode("latin-1")
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>",
        4: f"<< /Filter /FlateDecode /Length {len(packed)} >>\nstream\n{packed}\nendstream",
    }
    return written(objects)


def runs(
    x: float, y: float, lines: list[str], *, size: float = 10, step: float = 12, bold: bool = False
) -> list[Run]:
    """Runs below each other as the worker reports them, in any script; a letter is half as wide as it is high."""
    return [
        Run(x, y - step * number, x + len(line) * size / 2, y - step * number + size, size, bold, line)
        for number, line in enumerate(lines)
    ]


def read_runs(*pages: list[Run]) -> tuple[list[Block], Counter[str]]:
    """The blocks of letter pages of these runs, and what was omitted from them."""
    lines, furniture = reading_order(
        [Page(number, 612, 792, tuple(page)) for number, page in enumerate(pages, start=1)]
    )
    blocks, omitted = build_blocks(lines)
    return blocks, omitted + Counter(furniture=furniture)
