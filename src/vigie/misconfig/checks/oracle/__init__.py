"""Checks of Oracle Cloud."""
