"""The traces of a run: trees, times, totals, data files. Floor 3."""
