"""Files that people have, as articles: saved pages, PDF, Word, feeds, web archives, and archives of these."""
