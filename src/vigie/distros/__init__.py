"""Distributions: how each is recognised, where its advisories stand, how its packages are compared. One file per family."""
