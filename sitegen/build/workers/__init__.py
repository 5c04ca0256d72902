"""Processes that build side by side. Floor 6."""
