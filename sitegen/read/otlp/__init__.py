"""OTLP in every form that it is written in. Floor 2."""
