"""Measures what the build promises: `python -m benchmarks NAME`. See README.md beside this file."""
