"""Cards: checking and adding those that people write, agreement of readers, prediction."""
