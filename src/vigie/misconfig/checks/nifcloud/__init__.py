"""Checks of NIFCLOUD, a module per service."""
