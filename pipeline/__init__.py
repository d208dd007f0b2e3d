"""fetch → score → (texts) → analyze → render: each a function from one typed artifact to the next.

the stages: fetch score texts analyze render; their names: stages      their artifacts: artifacts storage; the values in them: models
one run: jobs runs; what reports/ already knows: ledger      what ends it: errors
what can be set: config profiles categories identifiers days tokens; what is read and said of it: documents explaining
the command line: __main__ cli commands acting arguments ports console   without a run: checking evaluating estimating online planning
sources/   bytes in, papers out: huggingface arxiv oai api feeds feed_child sample listing merging window
           asked politely: http waiting; read carefully: addresses announced dates schedule wording xmltree
reading/   a text: html tidy walking blocks roles hidden colors formulas tables sentences protected trimming
           in a process of its own: apart; out of a PDF: pdf pdf_child layout headings hyphens paragraphs
           what may be said about it: grounding source numbers units wording names hedges directions
engines/   who judges: asking marking claiming rubric prompts metrics; without a model: local bm25 prose
           the Messages API: claude calling exchange retrying replies schemas payload hosts access pricing lifecycle
           texts that speak to a model: injection phrases phrases_abroad folding
writing/   the page: markdown picks view footing words escaping formulas catalog; in Actions: actions
           what spans days: archive cache history seen indexes feed chart; the push: publish git meanwhile vetting vetting_page vetting_data vetting_links vetting_commit
"""

__version__ = "0.1.0"
