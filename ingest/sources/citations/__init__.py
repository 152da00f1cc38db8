"""Citation services: one module each."""
