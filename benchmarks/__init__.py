"""Measurements side by side with peers, as ratios of one run. Nothing here is asserted in the test run."""
