"""npm, yarn and pnpm projects, and installed Node.js packages."""
