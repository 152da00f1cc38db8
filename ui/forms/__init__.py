"""What the page's forms do."""
