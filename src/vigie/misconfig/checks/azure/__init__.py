"""Checks of Microsoft Azure."""
