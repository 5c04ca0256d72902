"""Logging from training code: what writes bundles. Sees floors 0 and 1 only."""
