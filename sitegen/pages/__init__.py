"""Page contexts: what a template may see, as documented values. Floor 4."""
