"""What git says about a checkout: where it comes from and what is checked out."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from vigie.model.artifact import RepositoryFacts

if TYPE_CHECKING:
    from subprocess import CompletedProcess

_SECONDS = 20.0
_LONGEST = 64 << 10
_SCP = re.compile(r"(?:[^/@:\s]+@)?([^/@:\s]+):(?!//)([^@]+)")


def read_checkout(root: Path) -> RepositoryFacts | None:
    """Facts of a work tree whose top is `root`; None when it is none. What git does not answer stays empty.

    Only commands that read are run, and nothing the checkout's own configuration asks for: it is hostile input.
    """
    if not (root / ".git").exists():
        return None
    from shutil import which

    return _ask_git(root) if which("git") else _read_head(root)


def clean_url(url: str) -> str:
    """A repository's URL without user and password; `git@host:path` keeps its user, which is no secret."""
    if "://" not in url:
        return url.strip()
    parts = urlsplit(url.strip())
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme in ("ssh", "git+ssh") and "@" in parts.netloc:
        host = parts.netloc.rpartition("@")[0].partition(":")[0] + "@" + host
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def safe_environment() -> dict[str, str]:
    """The environment for git: no prompts, no filters, and none of the caller's own repository variables."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key in _KEPT}
    return kept | {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "LC_ALL": "C",
    }


_KEPT = frozenset(
    {"GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSH_COMMAND", "GIT_SSH", "GIT_PROXY_SSL_CAINFO", "GIT_CONFIG_GLOBAL"}
)


def _ask_git(root: Path) -> RepositoryFacts:
    remote = _git(root, "config", "--get", "remote.origin.url")
    branch = _git(root, "symbolic-ref", "--short", "-q", "HEAD")
    raw = _git(root, "cat-file", "commit", "HEAD^{commit}")
    headers, _, message = raw.partition("\n\n")
    people = {
        key: found[1].strip() if (found := re.search(rf"^{key} (.*>)", headers, re.MULTILINE)) else ""
        for key in ("author", "committer")
    }
    return RepositoryFacts(
        url=clean_url(remote),
        branch=branch,
        tags=tuple(_git(root, "tag", "--points-at", "HEAD").split()),
        commit=_git(root, "rev-parse", "--verify", "-q", "HEAD^{commit}"),
        message=message.strip(),
        author=people["author"],
        committer=people["committer"],
    )


def _git(root: Path, *arguments: str) -> str:
    """The standard output of a git command that reads; "" when it fails."""
    import subprocess

    try:
        done = run_git(root, *arguments)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout[:_LONGEST].decode("utf-8", "replace").strip() if done.returncode == 0 else ""


def run_git(root: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> CompletedProcess[bytes]:
    """Runs a git command that reads, in a repository whose top is `root`. environment: more variables for it. Raises
    OSError and TimeoutExpired."""
    import subprocess

    # in this order: trust this folder only, run no hook, monitor or pager, and reach for no other repository
    settings = {
        "safe.directory": "*",
        "core.fsmonitor": "false",
        "core.hooksPath": os.devnull,
        "core.pager": "cat",
        "protocol.allow": "never",
    }
    options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
    variables = safe_environment() | {
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_CEILING_DIRECTORIES": str(root.resolve().parent),
    }
    return subprocess.run(
        ["git", *options, "-C", str(root), *arguments],
        env=variables | dict(environment or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_SECONDS,
        check=False,
    )


def _read_head(root: Path) -> RepositoryFacts:
    """Branch and commit from the files themselves, where git is not installed."""
    git = root / ".git"
    head = _text(git / "HEAD")
    if not head.startswith("ref: "):
        return RepositoryFacts(commit=head if re.fullmatch(r"[0-9a-f]{40,64}", head) else "")
    name = head.removeprefix("ref: ")
    if not re.fullmatch(r"refs/heads/[\w./-]+", name) or ".." in name:
        return RepositoryFacts()
    commit = _text(git / name)
    if not commit:
        packed = re.search(
            rf"^([0-9a-f]{{40,64}}) {re.escape(name)}$", _text(git / "packed-refs", 4 << 20), re.MULTILINE
        )
        commit = packed[1] if packed else ""
    return RepositoryFacts(
        branch=name.removeprefix("refs/heads/"), commit=commit if re.fullmatch(r"[0-9a-f]{40,64}", commit) else ""
    )


def _text(path: Path, limit: int = 4096) -> str:
    try:
        with path.open("rb") as file:
            return file.read(limit).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def is_scp_form(text: str) -> bool:
    """Whether this is `[user@]host:path`, git's short form of ssh."""
    return "://" not in text and _SCP.fullmatch(text) is not None
