"""The model of NIFCLOUD, a module per service."""
