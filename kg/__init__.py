"""What is known: entities, identifiers, taxonomy, catalogue and the bundled snapshot."""
