"""Start-up is a feature: `vigie version` imports next to nothing, and never what is slow."""

from __future__ import annotations

import json
import subprocess
import sys

IMPORTED = {
    "vigie",
    "vigie.cli",
    "vigie.cli.main",
    "vigie.cli.version",
    "vigie.settings",
    "vigie.settings.files",
}
"""What `vigie version` needs of ours. Adding to it is a decision, not an accident."""

SLOW = {
    "argparse",
    "asyncio",
    "email",
    "httpx",
    "importlib.metadata",
    "logging",
    "msgspec",
    "rich",
    "sqlite3",
    "ssl",
    "yaml",
}

PROGRAM = """
import sys
sys.argv = ["vigie", "version"]
from vigie.cli.main import main
try:
    main()
except SystemExit:
    pass
import json
print(json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def test_version_imports_what_it_needs_and_nothing_slow() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    modules = set(json.loads(done.stderr.splitlines()[-1]))
    assert {name for name in modules if name.split(".")[0] == "vigie"} == IMPORTED
    assert not modules & SLOW
