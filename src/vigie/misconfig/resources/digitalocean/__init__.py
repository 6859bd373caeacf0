"""The model of DigitalOcean, a module per service."""
