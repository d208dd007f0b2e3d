"""Render the pages of the site as HTML."""

from pathlib import Path
from typing import Any

import jinja2

from pipeline.report.i18n import FALLBACK, Catalog

ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(name: str, t: Catalog, *, root: str, **values: Any) -> str:
    """Render a template of the site. `root` is the path from the page to the site's root: empty, or ends with `/`."""
    return ENVIRONMENT.get_template(name).render(
        t=t, lang=t.language, foreign=t.language != FALLBACK, root=root, **values
    )
