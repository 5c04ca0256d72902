"""Attachments opened for their previews, kind by kind. Floor 2."""
