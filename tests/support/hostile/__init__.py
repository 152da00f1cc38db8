"""Input that attacks its reader."""
