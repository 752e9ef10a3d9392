"""Annotated articles: readers for published layouts, and the audit of what they read."""
