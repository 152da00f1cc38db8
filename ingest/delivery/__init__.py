"""Digests written to files and posted to webhooks after a refresh."""
