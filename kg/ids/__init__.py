"""Identifiers of papers and topics: their forms, and how they are compared."""
