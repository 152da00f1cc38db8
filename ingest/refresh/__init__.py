"""The refresh: its steps, schedule and process."""
