"""Settings of `vigie watch`: Falco's own file and keys, or the `watch` section of vigie.yaml."""
