"""How two nodes of the graph are connected."""
