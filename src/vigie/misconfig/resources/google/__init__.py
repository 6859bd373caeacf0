"""The model of Google Cloud, a module per service."""
