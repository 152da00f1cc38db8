"""Papers outside the field, which placement compares with."""
