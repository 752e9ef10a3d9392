"""Text to features: Unicode tables, the n-gram kernel, the vectorizer, segments."""
