"""One ordering of versions per file; each exposes one `Ordering` value."""
