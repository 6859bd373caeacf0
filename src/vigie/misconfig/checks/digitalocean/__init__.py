"""Checks of DigitalOcean, a module per service."""
