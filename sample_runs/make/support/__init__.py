"""A small support agent for an invented outdoor shop, with a deterministic model inside."""
