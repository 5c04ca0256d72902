"""The steps of a build: runs derived, pages rendered. Floor 6."""
