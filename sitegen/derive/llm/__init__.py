"""What a span says of calls of models, over all conventions. Floor 3."""
