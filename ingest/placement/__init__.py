"""Placing papers under topics, and the review queue."""
