"""Kinds of targets, and how each is opened as an artifact."""
