"""A run's page: its tabs and what stands around them. Floor 4."""
