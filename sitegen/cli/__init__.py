"""The command line: thin, one module a command. Floor 7; the only user of click."""
