"""The catalogue: one SQLite database, and a store for each subject in it."""
