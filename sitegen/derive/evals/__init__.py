"""The evals of a run, and of several held against each other. Floor 3."""
