"""arXiv: its API and its metadata dump."""
