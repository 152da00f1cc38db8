"""Word indexes: one module each."""
