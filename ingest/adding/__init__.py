"""Adding papers that a user names: by files, ids and links."""
