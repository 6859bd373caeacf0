"""Makes a small git repository with made-up credentials: one in a file, and one that an earlier commit had.

python demo/leak.py FOLDER
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from vigie.secrets.examples import fill

ENVIRONMENT = "DEBUG=0\nGITHUB_TOKEN=${github:ghp_}\n"
DEPLOY = """#!/bin/sh
export AWS_ACCESS_KEY_ID=${aws:AKIA}
export AWS_SECRET_ACCESS_KEY=${base64:40}
aws s3 sync site/ s3://shop
"""


def git(folder: Path, *arguments: str) -> None:
    """Runs git as somebody made up, whatever this machine's settings say."""
    who = ("-c", "user.name=Mona", "-c", "user.email=mona@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, "-C", str(folder), *arguments], check=True, stdout=subprocess.DEVNULL)


def main() -> None:
    """Makes it, unless it is there."""
    folder = Path(sys.argv[1])
    if folder.exists():
        return
    folder.mkdir(parents=True)
    git(folder, "init", "-q")
    (folder / ".env").write_text(fill(ENVIRONMENT, "demo"))
    (folder / "deploy.sh").write_text(fill(DEPLOY, "demo"))
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Deploy the shop")
    git(folder, "rm", "-q", ".env")
    git(folder, "commit", "-q", "-m", "No settings in the repository")


if __name__ == "__main__":
    main()
