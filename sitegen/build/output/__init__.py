"""The output directory: staged, listed, put in place. Floor 6."""
