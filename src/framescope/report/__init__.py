"""The model report: what a model does well and badly on a corpus, for the people who annotate and read."""
