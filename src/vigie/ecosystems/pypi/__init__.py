"""Python projects and installed Python distributions."""
