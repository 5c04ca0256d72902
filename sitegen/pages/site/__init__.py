"""Pages about the whole site. Floor 4."""
