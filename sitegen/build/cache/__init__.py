"""What earlier builds derived, by the digest of what it depends on. Floor 6."""
