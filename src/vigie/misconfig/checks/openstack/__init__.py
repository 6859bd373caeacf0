"""Checks of OpenStack."""
