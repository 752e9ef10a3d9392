"""Bundles: saved models as JSON and plain arrays, written whole and verified before use."""
