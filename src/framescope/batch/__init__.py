"""Batch scoring: a model over any number of articles, in shards that are done once and resumed."""
