"""Output formats, one module each, named as in `--format`."""
