"""The catalogue as a graph: rows, arrays, and a NetworkX graph made of them."""
