"""Accounts, authentication and sessions."""
