"""Sentence encoders: what turns a text into a vector of its meaning, and how articles are read with them."""
