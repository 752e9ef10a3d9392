"""Clusters of machines, reached through joblib's backends."""
