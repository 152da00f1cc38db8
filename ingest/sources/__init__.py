"""Readers of what others publish, one file each: bytes in, records out."""
