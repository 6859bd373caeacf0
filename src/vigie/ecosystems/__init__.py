"""Language ecosystems: what is known about each, and the readers of its lock files and installed packages."""
