"""Data files of a site beside those of a run. Floor 6."""
