"""The whole recipe: an annotated corpus in, a model with its figures and its card out."""
