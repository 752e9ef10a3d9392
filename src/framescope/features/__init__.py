"""Feature blocks: what a model reads of a text."""
