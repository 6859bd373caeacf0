"""Secrets: credentials that stand in files, found by rules and judged before anybody is troubled with them.

A rule (`rules/<provider>.yaml`, read by `rules.py`) says how a provider's credential looks; the matcher in Rust finds
every place that looks so; `judge.py` says how sure it is, with the tests of structure and checksums in `checks.py`.
`examples.py` fills in the examples that are the rules' tests.
"""
