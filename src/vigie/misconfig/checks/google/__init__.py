"""Checks of Google Cloud, a module per service."""
