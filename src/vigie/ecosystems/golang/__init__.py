"""Go: modules, and the binaries that name the modules they were built from."""
