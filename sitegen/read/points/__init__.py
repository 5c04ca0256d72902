"""Points of metrics out of tables, by series and in order of steps. Floor 2."""
