"""Files: atomic replacement, and YAML whose errors name their line."""
