"""The format on disk: names, limits, typed structs. Floor 1; opens nothing."""
