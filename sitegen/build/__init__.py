"""Orchestration: plan, derive, render, write. Floor 6; the only code that writes the site."""
