"""Requests to others' servers: connections, pacing, retries and caching."""
