"""Rule files: read, put together, checked, compiled. `load.load` is the way in; `report` and `describe` tell of it.

The steps, each a module: `sources` finds files, `read` makes items of them (`document` holds the nodes, `values` checks
types), `collect` puts items of all files together, `resolve` replaces names, `select` says which rules run and in which
order, `compile` hands them to the engine. What is wrong goes to `problems`.
"""
