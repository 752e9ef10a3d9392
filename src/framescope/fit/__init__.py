"""What learns: linear models, their left-out margins, calibration and rules."""
