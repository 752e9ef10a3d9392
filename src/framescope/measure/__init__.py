"""What judges: metrics with intervals, reliability, doubtful labels, n-grams that mislead."""
