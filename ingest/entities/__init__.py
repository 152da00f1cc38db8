"""Entities on the way in: taken from the list and from cards, found in texts, proposed."""
