"""One made-up entry each in the structure of well-known publishers' and programs' feeds, and what is to be read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:atom="http://www.w3.org/2005/Atom"'
)


def rdf(about: str, inner: str, site: str) -> str:
    """RSS 1.0, as bioRxiv, Nature, Cell, APS and others send it."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns="http://purl.org/rss/1.0/" {NAMESPACES}><channel rdf:about="{site}"><title>Journal</title><link>{site}</link>'
        f'<items><rdf:Seq><rdf:li rdf:resource="{about}"/></rdf:Seq></items></channel>'
        f'<item rdf:about="{about}">{inner}</item></rdf:RDF>'
    )


def rss(inner: str, site: str) -> str:
    """RSS 2.0."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {NAMESPACES}><channel><title>Journal</title>'
        f"<link>{site}</link><description>News</description><item>{inner}</item></channel></rss>"
    )


def atom(inner: str, site: str) -> str:
    """Atom 1.0."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Posts</title>'
        f'<link href="{site}"/><id>{site}</id><updated>2026-02-03T10:00:00Z</updated><entry>{inner}</entry></feed>'
    )


@dataclass(frozen=True)
class Kind:
    """One feed: its address and body, and the title, link, names and day of its only entry."""

    name: str
    url: str
    body: str
    link: str
    authors: tuple[str, ...]
    day: dt.date | None = dt.date(2026, 2, 3)
    title: str = "Learned restoration of noisy images"


T = "<title>Learned restoration of noisy images</title>"
CDATA_T = "<title><![CDATA[Learned restoration of noisy images]]></title>"
RFC_822 = "<pubDate>Tue, 03 Feb 2026 10:00:00 GMT</pubDate>"
TWO = ("Jane Doe", "Rick Roe")
ABSTRACT = "<description>We restore images.</description>"


def each(*names: str) -> str:
    return "".join(f"<dc:creator>{name}</dc:creator>" for name in names)


KINDS = (
    Kind(
        "bioRxiv",
        "https://connect.biorxiv.org/biorxiv_xml.php?subject=bioinformatics",
        rdf(
            "http://biorxiv.org/cgi/content/short/2026.02.01.700001v1?rss=1",
            f"<title><![CDATA[\nLearned restoration of noisy images\n]]></title><link>http://biorxiv.org/cgi/content/short/2026.02.01.700001v1?rss=1</link>{ABSTRACT}"
            "<dc:creator><![CDATA[ Doe, J., van der Berg, R. A., Imaging Consortium ]]></dc:creator><dc:date>2026-02-03</dc:date>"
            "<dc:identifier>doi:10.1101/2026.02.01.700001</dc:identifier><prism:section></prism:section>",
            "https://www.biorxiv.org",
        ),
        "https://biorxiv.org/cgi/content/short/2026.02.01.700001v1?rss=1",
        ("J. Doe", "R. A. van der Berg", "Imaging Consortium"),
    ),
    Kind(
        "medRxiv",
        "https://connect.medrxiv.org/medrxiv_xml.php?subject=radiology_and_imaging",
        rdf(
            "https://www.medrxiv.org/content/10.1101/2026.02.01.26300001v1?rss=1",
            f"{CDATA_T}<link>https://www.medrxiv.org/content/10.1101/2026.02.01.26300001v1?rss=1</link>{ABSTRACT}"
            "<dc:creator><![CDATA[Doe, J., Roe, R.]]></dc:creator><dc:date>2026-02-03</dc:date>",
            "https://www.medrxiv.org",
        ),
        "https://www.medrxiv.org/content/10.1101/2026.02.01.26300001v1?rss=1",
        ("J. Doe", "R. Roe"),
    ),
    Kind(
        "Nature",
        "https://www.nature.com/nature.rss",
        rdf(
            "https://www.nature.com/articles/s41586-026-00001-1",
            f"{CDATA_T}<link>https://www.nature.com/articles/s41586-026-00001-1</link><content:encoded><![CDATA[<p>Nature, Published "
            f"online: 03 February 2026</p>]]></content:encoded>{each('Jane Doe', 'Rick Roe')}<dc:date>2026-02-03</dc:date>",
            "https://www.nature.com/nature",
        ),
        "https://www.nature.com/articles/s41586-026-00001-1",
        TWO,
    ),
    Kind(
        "Science",
        "https://www.science.org/action/showFeed?type=etoc&feed=rss&jc=science",
        rdf(
            "https://www.science.org/doi/abs/10.1126/science.abc0001?af=R",
            f"{T}<link>https://www.science.org/doi/abs/10.1126/science.abc0001?af=R</link><description>Science, Volume 391, "
            f"February 2026.</description>{each('Jane Doe', 'Rick Roe')}<dc:date>2026-02-03T07:00:00Z</dc:date>",
            "https://www.science.org/loi/science?af=R",
        ),
        "https://www.science.org/doi/abs/10.1126/science.abc0001?af=R",
        TWO,
    ),
    Kind(
        "Cell",
        "https://www.cell.com/patterns/current.rss",
        rdf(
            "https://www.cell.com/patterns/fulltext/S2666-3899(26)00001-1?rss=yes",
            f"{T}<link>https://www.cell.com/patterns/fulltext/S2666-3899(26)00001-1?rss=yes</link>{ABSTRACT}"
            f"{each('Jane Doe, Rick Roe')}<dc:date>2026-02-03</dc:date><prism:publicationDate>2026-02-13</prism:publicationDate>",
            "https://www.cell.com/patterns/issue?pii=S2666-3899(25)X0001-1",
        ),
        "https://www.cell.com/patterns/fulltext/S2666-3899(26)00001-1?rss=yes",
        TWO,
    ),
    Kind(
        "PLOS",
        "https://journals.plos.org/plosone/feed/atom",
        atom(
            f'{T}<link rel="alternate" href="https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0300001"/>'
            '<link rel="related" type="application/pdf" href="https://journals.plos.org/plosone/article/file?id=x&amp;type=printable"/>'
            "<author><name>Jane Doe</name></author><author><name>Rick Roe</name></author><id>10.1371/journal.pone.0300001</id>"
            "<published>2026-02-03T14:00:00Z</published><updated>2026-02-03T14:00:00Z</updated>"
            '<content type="html">&lt;p&gt;by Jane Doe, Rick Roe&lt;/p&gt; We restore images.</content>',
            "https://journals.plos.org/plosone/",
        ),
        "https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0300001",
        TWO,
    ),
    Kind(
        "IEEE",
        "https://ieeexplore.ieee.org/rss/TOC83.XML",
        rss(
            f"{T}<link>http://ieeexplore.ieee.org/document/11000001</link>{ABSTRACT}<guid>http://ieeexplore.ieee.org/document/11000001</guid>"
            f"{RFC_822}<authors>Jane Doe;Rick Roe</authors><startPage>1</startPage><endPage>10</endPage>",
            "http://ieeexplore.ieee.org/xpl/RecentIssue.jsp?punumber=83",
        ),
        "https://ieeexplore.ieee.org/document/11000001",
        TWO,
    ),
    Kind(
        "ACM",
        "https://dl.acm.org/action/showFeed?type=etoc&feed=rss&jc=tog",
        rdf(
            "https://dl.acm.org/doi/abs/10.1145/3700001?af=R",
            f"{T}<link>https://dl.acm.org/doi/abs/10.1145/3700001?af=R</link><description>ACM Transactions on Graphics, Volume 45."
            f"</description>{each('Jane Doe', 'Rick Roe')}<dc:date>2026-02-03T08:00:00Z</dc:date>",
            "https://dl.acm.org/loi/tog?af=R",
        ),
        "https://dl.acm.org/doi/abs/10.1145/3700001?af=R",
        TWO,
    ),
    Kind(
        "APS",
        "https://feeds.aps.org/rss/recent/prl.xml",
        rdf(
            "http://link.aps.org/doi/10.1103/abcd-0001",
            f"{T}<link>http://link.aps.org/doi/10.1103/abcd-0001</link><description>Author(s): Jane Doe and Rick Roe&lt;br/&gt;&lt;p&gt;We "
            f"restore images.&lt;/p&gt;</description>{each('Jane Doe and Rick Roe')}<dc:date>2026-02-03T10:00:00+00:00</dc:date>",
            "http://journals.aps.org/prl/",
        ),
        "https://link.aps.org/doi/10.1103/abcd-0001",
        TWO,
    ),
    Kind(
        "AIP",
        "https://pubs.aip.org/rss/site_1000043/1000025.xml",
        rss(
            f"{T}<link>https://pubs.aip.org/aip/apl/article/128/5/050001/3300001/Learned-restoration</link>{RFC_822}"
            '<description>&lt;span class="paragraphSection"&gt;We restore images.&lt;/span&gt;</description>'
            "<guid>http://doi.org/10.1063/5.0300001</guid><prism:volume>128</prism:volume>",
            "https://pubs.aip.org/aip/apl",
        ),
        "https://pubs.aip.org/aip/apl/article/128/5/050001/3300001/Learned-restoration",
        (),
    ),
    Kind(
        "IOP",
        "https://iopscience.iop.org/journal/rss/0266-5611",
        rdf(
            "http://iopscience.iop.org/article/10.1088/1361-6420/aa0001",
            f"<title><![CDATA[Learned restoration of noisy images]]></title><link>http://iopscience.iop.org/article/10.1088/1361-6420/aa0001</link>"
            f"<description><![CDATA[We restore images.]]></description>{each('Jane Doe', 'Rick Roe')}<dc:date>2026-02-03T00:00:00Z</dc:date>",
            "http://iopscience.iop.org/journal/0266-5611",
        ),
        "https://iopscience.iop.org/article/10.1088/1361-6420/aa0001",
        TWO,
    ),
    Kind(
        "OUP",
        "https://academic.oup.com/rss/site_5139/3001.xml",
        rss(
            f"{T}<link>https://academic.oup.com/bioinformatics/article/42/2/btag001/8400001?rss=1</link><pubDate>Tue, 03 Feb 2026 "
            "00:00:00 GMT</pubDate><description>&lt;span class=&quot;paragraphSection&quot;&gt;We restore images.&lt;/span&gt;</description>"
            "<author>Doe J, Roe R. </author><guid>http://doi.org/10.1093/bioinformatics/btag001</guid>",
            "https://academic.oup.com/bioinformatics",
        ),
        "https://academic.oup.com/bioinformatics/article/42/2/btag001/8400001?rss=1",
        ("Doe J", "Roe R."),
    ),
    Kind(
        "Springer",
        "https://link.springer.com/search.rss?facet-content-type=Article&facet-journal-id=11263",
        rss(
            f"{CDATA_T}<link>https://link.springer.com/10.1007/s11263-026-00001-1</link><description><![CDATA[ <h3>Abstract</h3> <p>We "
            "restore images.</p> ]]></description><pubDate>2026-02-03</pubDate><guid>10.1007/s11263-026-00001-1</guid>",
            "https://link.springer.com/journal/11263",
        ),
        "https://link.springer.com/10.1007/s11263-026-00001-1",
        (),
    ),
    Kind(
        "Elsevier",
        "https://rss.sciencedirect.com/publication/science/13618415",
        rss(
            f"{CDATA_T}<link><![CDATA[https://www.sciencedirect.com/science/article/pii/S1361841526000001?dgcid=rss_sd_all]]></link>"
            "<description><![CDATA[<p>Publication date: April 2026</p><p><b>Source:</b> Journal</p><p>Author(s): Jane Doe, Rick Roe</p>]]>"
            '</description><guid isPermaLink="false">https://www.sciencedirect.com/science/article/pii/S1361841526000001</guid>',
            "https://www.sciencedirect.com/journal/medical-image-analysis",
        ),
        "https://www.sciencedirect.com/science/article/pii/S1361841526000001?dgcid=rss_sd_all",
        (),
        day=None,
    ),
    Kind(
        "JMLR",
        "https://www.jmlr.org/jmlr.xml",
        rss(
            f"{T}<link>http://jmlr.org/papers/v27/26-0001.html</link><pubDate>2026</pubDate>{ABSTRACT}"
            "<guid>http://jmlr.org/papers/v27/26-0001.html</guid><author>Jane Doe, Rick Roe</author>",
            "http://www.jmlr.org",
        ),
        "https://jmlr.org/papers/v27/26-0001.html",
        TWO,
        day=None,
    ),
    Kind(
        "TMLR",
        "https://jmlr.org/tmlr/papers/feed.xml",
        rss(
            f"{T}<link>https://openreview.net/forum?id=AbCdEf0001</link>{RFC_822}<author>Jane Doe, Rick Roe</author>{ABSTRACT}",
            "https://jmlr.org/tmlr/papers/",
        ),
        "https://openreview.net/forum?id=AbCdEf0001",
        TWO,
    ),
    Kind(
        "OpenReview",
        "https://openreview.net/feed.xml",
        atom(
            f'{T}<link href="/forum?id=AbCdEf0001&amp;noteId=x"/><id>AbCdEf0001</id><author><name>Jane Doe</name></author>'
            "<author><name>Rick Roe</name></author><published>2026-02-03T10:00:00Z</published><summary>We restore images.</summary>",
            "https://openreview.net/",
        ),
        "https://openreview.net/forum?id=AbCdEf0001&noteId=x",
        TWO,
    ),
    Kind(
        "Distill",
        "https://distill.pub/rss.xml",
        rss(
            f"{T}<description>We restore images.</description><link>https://distill.pub/2026/restoration</link>"
            "<guid>https://distill.pub/2026/restoration</guid><pubDate>Tue, 3 Feb 2026 20:0:0 Z</pubDate>",
            "https://distill.pub",
        ),
        "https://distill.pub/2026/restoration",
        (),
    ),
    Kind(
        "Substack",
        "https://restoration.substack.com/feed",
        rss(
            f"{CDATA_T}<description><![CDATA[A letter]]></description><link>https://restoration.substack.com/p/learned</link>"
            '<guid isPermaLink="false">https://restoration.substack.com/p/learned</guid><dc:creator><![CDATA[Jane Doe]]></dc:creator>'
            f"{RFC_822}<content:encoded><![CDATA[<p>We restore images.</p>]]></content:encoded>",
            "https://restoration.substack.com",
        ),
        "https://restoration.substack.com/p/learned",
        ("Jane Doe",),
    ),
    Kind(
        "Medium",
        "https://medium.com/feed/@jane",
        rss(
            f"{CDATA_T}<link>https://jane.medium.com/learned-restoration-0001?source=rss-1------2</link>"
            '<guid isPermaLink="false">https://medium.com/p/0001</guid><category><![CDATA[imaging]]></category>'
            f"<dc:creator><![CDATA[Jane Doe]]></dc:creator>{RFC_822}<atom:updated>2026-02-04T10:00:00Z</atom:updated>"
            "<content:encoded><![CDATA[<p>We restore images.</p>]]></content:encoded>",
            "https://medium.com/@jane?source=rss-1------2",
        ),
        "https://jane.medium.com/learned-restoration-0001?source=rss-1------2",
        ("Jane Doe",),
    ),
    Kind(
        "WordPress",
        "https://lab.example.org/feed/",
        rss(
            f"{T}<link>https://www.lab.example.org/2026/02/learned/</link><comments>https://lab.example.org/2026/02/learned/#respond</comments>"
            "<dc:creator><![CDATA[Jane Doe]]></dc:creator><pubDate>Tue, 03 Feb 2026 10:00:00 +0000</pubDate><category><![CDATA[x]]></category>"
            '<guid isPermaLink="false">https://lab.example.org/?p=7</guid><description><![CDATA[<p>We restore images. [&#8230;]</p>]]></description>',
            "https://www.lab.example.org",
        ),
        "https://www.lab.example.org/2026/02/learned/",
        ("Jane Doe",),
    ),
    Kind(
        "Hugo",
        "https://lab.example.org/index.xml",
        rss(
            f"{T}<link>https://lab.example.org/posts/learned/</link><pubDate>Tue, 03 Feb 2026 10:00:00 +0100</pubDate>"
            "<guid>https://lab.example.org/posts/learned/</guid><author>jane@lab.example.org (Jane Doe)</author>"
            "<description>&lt;p&gt;We restore images.&lt;/p&gt;</description>",
            "https://lab.example.org/",
        ),
        "https://lab.example.org/posts/learned/",
        ("Jane Doe",),
    ),
    Kind(
        "Jekyll",
        "https://jane.github.io/feed.xml",
        atom(
            '<title type="html">Learned restoration of noisy images</title><link href="https://jane.github.io/2026/02/03/learned.html" '
            'rel="alternate" type="text/html" title="Learned restoration"/><published>2026-02-03T00:00:00+00:00</published>'
            "<updated>2026-02-03T00:00:00+00:00</updated><id>https://jane.github.io/2026/02/03/learned</id>"
            '<content type="html" xml:base="https://jane.github.io/2026/02/03/learned.html">&lt;p&gt;We restore images.&lt;/p&gt;</content>'
            '<author><name>Jane Doe</name><email>jane@lab.science</email></author><summary type="html">We restore images.</summary>',
            "https://jane.github.io/",
        ),
        "https://jane.github.io/2026/02/03/learned.html",
        ("Jane Doe",),
    ),
    Kind(
        "Ghost",
        "https://lab.example.org/rss/",
        rss(
            f"{CDATA_T}<description><![CDATA[We restore images.]]></description><link>https://lab.example.org/learned/</link>"
            '<guid isPermaLink="false">65c0000000000000000000001</guid><dc:creator><![CDATA[Jane Doe]]></dc:creator>'
            f'{RFC_822}<media:content url="https://lab.example.org/x.png" medium="image"/><content:encoded><![CDATA[<p>x</p>]]></content:encoded>',
            "https://lab.example.org/",
        ),
        "https://lab.example.org/learned/",
        ("Jane Doe",),
    ),
    Kind(
        "Blogger",
        "https://jane.blogspot.com/feeds/posts/default",
        atom(
            "<id>tag:blogger.com,1999:blog-1.post-2</id><published>2026-02-03T10:00:00.000-08:00</published>"
            '<updated>2026-02-04T10:00:00.001-08:00</updated><title type="text">Learned restoration of noisy images</title>'
            '<content type="html">&lt;p&gt;We restore images.&lt;/p&gt;</content>'
            '<link rel="replies" type="application/atom+xml" href="https://jane.blogspot.com/feeds/2/comments/default"/>'
            '<link rel="edit" type="application/atom+xml" href="https://www.blogger.com/feeds/1/posts/default/2"/>'
            '<link rel="self" type="application/atom+xml" href="https://www.blogger.com/feeds/1/posts/default/2"/>'
            '<link rel="alternate" type="text/html" href="https://jane.blogspot.com/2026/02/learned.html"/>'
            "<author><name>Jane Doe</name><uri>https://www.blogger.com/profile/1</uri><email>noreply@blogger.com</email></author>",
            "https://jane.blogspot.com/",
        ),
        "https://jane.blogspot.com/2026/02/learned.html",
        ("Jane Doe",),
    ),
    Kind(
        "Wiley",
        "https://onlinelibrary.wiley.com/feed/10970258/most-recent",
        rss(
            f"{T}<link>https://onlinelibrary.wiley.com/doi/10.1002/sim.70001?af=R</link>{RFC_822}<dc:date>2026-02-03T02:00:00-08:00</dc:date>"
            "<description>Statistics, EarlyView.</description><content:encoded>We restore images.</content:encoded>"
            '<dc:creator>\nJane Doe, \nRick Roe\n</dc:creator><guid isPermaLink="false">10.1002/sim.70001</guid>',
            "https://onlinelibrary.wiley.com/journal/10970258?af=R",
        ),
        "https://onlinelibrary.wiley.com/doi/10.1002/sim.70001?af=R",
        TWO,
    ),
    Kind(
        "RSC",
        "https://feeds.rsc.org/rss/sc",
        rss(
            f"{T}<link>http://pubs.rsc.org/en/Content/ArticleLanding/2026/SC/D6SC00001A</link><pubDate>Tue, 03 Feb 2026 00:00:00 GMT"
            "</pubDate><author>Jane Doe and Rick Roe</author><description><![CDATA[<div><i><b>Chem. Sci.</b></i>, 2026</div>]]></description>",
            "http://pubs.rsc.org/en/Journals/JournalIssues/SC",
        ),
        "https://pubs.rsc.org/en/Content/ArticleLanding/2026/SC/D6SC00001A",
        TWO,
    ),
)  # fmt: skip
