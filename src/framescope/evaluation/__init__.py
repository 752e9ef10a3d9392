"""A model judged on a corpus: predictions, learning curve, doubtful labels."""
