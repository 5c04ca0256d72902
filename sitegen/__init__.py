"""sitegen turns directories of experiment runs into a self-contained static website."""

__version__ = "0.1.0"
