"""Fitting: margins, calibration, decision rules, and the metrics that judge them."""
