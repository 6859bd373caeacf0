"""Distributions: how each is recognised, where its advisories stand, how packages are compared. One file per family."""
