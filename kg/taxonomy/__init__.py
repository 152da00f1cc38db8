"""The taxonomy: a tree of topics, read from a YAML file."""
