"""Pages that hold several runs against each other. Floor 4."""
