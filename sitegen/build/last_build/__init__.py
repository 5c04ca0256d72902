"""What the last build saw and wrote, and what changed since. Floor 6."""
