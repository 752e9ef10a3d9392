"""Text to features: Unicode tables, the n-gram kernels, the vectorizer; and its segments."""
