"""What all views share: visits, addresses, templates, filters."""
