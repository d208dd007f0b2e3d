"""Make the static site: so far its search page."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import jinja2

from pipeline.archive.site import search_data
from pipeline.core.month_index import MonthIndex
from pipeline.report import i18n

HERE = Path(__file__).parent
ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True, undefined=jinja2.StrictUndefined
)


def write_search(out: Path, profile: str, months: Sequence[MonthIndex], language: str) -> None:
    """Write the search page of a profile, its data and the assets."""
    search_data.write(out, profile, months)
    page = ENVIRONMENT.get_template("search.html.j2").render(
        root="../", lang=language, t=i18n.load(language), profile=profile
    )
    (out / profile).mkdir(parents=True, exist_ok=True)
    (out / profile / "search.html").write_text(page, "utf-8")
    shutil.copytree(HERE / "assets", out / "assets", dirs_exist_ok=True)
