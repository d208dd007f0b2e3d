"""The list of categories against those that recorded papers have."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.config.arxiv_categories import CATEGORIES

# Of all 8,171 papers that arXiv announced under cs.CV from November 2025 to January 2026.
RECORDED = """
astro-ph.CO astro-ph.EP astro-ph.IM astro-ph.SR cond-mat.mes-hall cond-mat.mtrl-sci cs.AI cs.AR
cs.CC cs.CE cs.CG cs.CL cs.CR cs.CV cs.CY cs.DB cs.DC cs.DL cs.ET cs.FL cs.GR cs.GT cs.HC cs.IR
cs.IT cs.LG cs.LO cs.MA cs.MM cs.NA cs.NE cs.NI cs.OS cs.PF cs.RO cs.SD cs.SE cs.SI cs.SY eess.AS
eess.IV eess.SP eess.SY hep-ex math-ph math.AT math.CV math.DG math.DS math.GT math.IT math.NA
math.OC math.PR math.ST physics.ao-ph physics.chem-ph physics.comp-ph physics.data-an physics.flu-dyn physics.geo-ph physics.ins-det physics.med-ph physics.optics physics.soc-ph q-bio.BM q-bio.CB
q-bio.GN q-bio.NC q-bio.QM q-bio.TO quant-ph stat.AP stat.CO stat.ME stat.ML stat.TH
"""


def test_every_category_of_the_recorded_papers_is_known(root: Path) -> None:
    feeds = "".join(path.read_text("utf-8") for path in (root / "tests/feeds").glob("arxiv_*.xml"))
    in_feeds = set(re.findall(r"[\">]([a-z-]+\.[A-Z]{2}|[a-z]+-ph)[\"<]", feeds))
    assert len(in_feeds) >= 10
    assert (in_feeds | set(RECORDED.split())) <= CATEGORIES


def test_what_is_no_category_is_not_in_the_list() -> None:
    """Whole archives are left out: a night of all of cs is a thousand papers."""
    assert not {"cs", "math", "cs.cv", "cs.XX", "physics", "I.2.10"} & CATEGORIES
