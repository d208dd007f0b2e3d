"""The nightly paper digest: fetch → score → texts → analyze → render, each from one typed artifact to the next.

stages/      the program: read these first
cli/         the commands and their options
core/        types, artifacts, files, ids, dates, errors: what everything builds on
config/      digest.toml and profiles, validated with file and line
sources/     where papers come from: arXiv, Hugging Face, feeds
scoring/     ranking and marking papers
extraction/  HTML and PDF to numbered sentences
grounding/   which claims may be published
llm/         calls to a Messages API
report/      from a Digest to a Markdown page, in any language
archive/     indexes, feed and chart across days
publish/     the publishing job: validate, commit, push

docs/architecture.md shows every file, who may import whom, and the path of `digest run`.
"""

__version__ = "0.2.0"
