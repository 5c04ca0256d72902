"""The attachments of a run: copies, previews, documents. Floor 3."""
