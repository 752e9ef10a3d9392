"""Side-by-side benchmarks; run from a checkout as ``python -m bench``."""
