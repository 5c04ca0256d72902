"""An experiment's page: its run table, charts and evals. Floor 4."""
