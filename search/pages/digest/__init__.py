"""What came since a time, by topic or by question; where nothing came, why."""
