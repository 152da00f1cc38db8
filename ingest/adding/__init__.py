"""Adding what a user names: files, ids and links."""
