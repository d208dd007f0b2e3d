"""Where a link may lead: what the settings and the profiles name, and nowhere else."""

from pathlib import Path

from pipeline.config.settings import Endpoints, LinkHosts
from pipeline.publish.validate import allowed_links

ROOT = Path(__file__).parents[2]
ALLOWED = allowed_links(ROOT / "digest.toml", "https://github.com")


def test_a_mirror_in_the_settings_is_a_place_to_link_to(tmp_path):
    (tmp_path / "digest.toml").write_text('[endpoints]\narxiv = "http://127.0.0.1:8000"\n')
    allowed = allowed_links(tmp_path / "digest.toml", "https://github.com")
    assert allowed.permits("http://127.0.0.1:8000/abs/1")
    assert not allowed.permits("http://127.0.0.1:80001/abs/1")


def test_the_hosts_of_a_profiles_feeds_are_places_to_link_to(tmp_path):
    profile = tmp_path / "mine.md"
    profile.write_text("---\nfeeds: [https://blog.example.org/feed.xml]\n---\nNot https://evil.example\n")
    gone = tmp_path / "gone.md"
    allowed = allowed_links(ROOT / "digest.toml", "https://github.com", [profile, gone])
    assert allowed.permits("https://blog.example.org/post")
    assert not allowed.permits("https://evil.example/")
    assert not ALLOWED.permits("https://blog.example.org/post")


def test_a_host_is_the_same_in_capitals(tmp_path):
    """RFC 3986, 3.2.2: scheme and host are case-insensitive; a reader writes them as he likes."""
    profile = tmp_path / "mine.md"
    profile.write_text("---\nfeeds: [https://Blog.Example.org/feed, HTTPS://OTHER.example/feed]\n---\nText\n")
    allowed = allowed_links(ROOT / "digest.toml", "https://github.com", [profile])
    for target in (
        "https://Blog.Example.org/post",
        "https://blog.example.org/post",
        "https://other.example/1",
    ):
        assert allowed.permits(target)
    assert not allowed.permits("https://blog.example.org:8443/post")


def test_without_a_section_in_the_settings_the_hosts_are_those_of_the_renderer(tmp_path):
    (tmp_path / "digest.toml").write_text("")
    hosts = allowed_links(tmp_path / "digest.toml", "https://github.com").hosts
    assert hosts == {"arxiv.org", "huggingface.co", *LinkHosts().hosts}
    ends = Endpoints()
    assert {ends.arxiv, ends.huggingface} == {"https://arxiv.org", "https://huggingface.co"}


def test_whatever_the_settings_name_is_what_the_renderer_lets_through(tmp_path):
    """A host is matched in small letters on both sides, and an empty list allows nothing more."""
    (tmp_path / "digest.toml").write_text('[links]\nhosts = ["*.Example.org"]\n')
    allowed = allowed_links(tmp_path / "digest.toml", "https://github.com")
    assert allowed.permits("https://code.example.org/x")
    assert not allowed.permits("https://someone.github.io/x")
    (tmp_path / "digest.toml").write_text("[links]\nhosts = []\n")
    assert allowed_links(tmp_path / "digest.toml", "x").hosts == {"arxiv.org", "huggingface.co"}
