"""npm: the packages of Node.js."""

from __future__ import annotations

from vigie.scanner.ecosystem import Ecosystem
from vigie.versions import npm as versions

npm = Ecosystem(
    name="npm",
    osv=("npm",),
    types=("npm", "yarn", "pnpm", "bun", "node-pkg", "javascript"),
    ordering=versions.ORDERING,
    aggregated={"node-pkg": "Node.js"},
)
