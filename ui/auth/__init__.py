"""Accounts, authentication and sessions of the web server."""
