"""Contexts become text: templates, Markdown, JSON. Floor 5; writes nothing."""
