"""The read path: from a question to papers, without the network."""
