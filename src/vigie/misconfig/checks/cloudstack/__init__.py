"""Checks of Apache CloudStack."""
