"""Pictures: graph layout, charts, sunburst."""
