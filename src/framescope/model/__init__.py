"""A fitted model: from margins to probabilities and decisions."""
