"""The program: fetch → score → texts → analyze → render, and the runner that takes one job through them."""
