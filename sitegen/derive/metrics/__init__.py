"""The metrics of a run: summaries, overviews, published points, alerts. Floor 3."""
