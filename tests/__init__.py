"""Tests: folders that mirror the packages, and `support` for what tests share."""
