"""Modules in git repositories: one commit, without its history, nothing of it run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from vigie.http import NetworkError
from vigie.misconfig.languages.terraform.addresses import Address
from vigie.misconfig.languages.terraform.download import DownloadError

_SECONDS = 180.0
_KEPT = ("GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSH_COMMAND", "GIT_SSH", "GIT_PROXY_SSL_CAINFO", "GIT_CONFIG_GLOBAL")
_REASONS = (
    (r"couldn't find remote ref|not our ref|unadvertised|did not match any|invalid reference", "no such ref"),
    (
        r"could not read Username|Authentication failed|terminal prompts disabled|HTTP 40[13]|error: 40[13]",
        "access denied",
    ),
    (r"Permission denied|Host key verification failed", "access denied by ssh"),
    (r"[Rr]epository .*not found|does not appear to be a git repository|error: 404|HTTP 404", "no such repository"),
    (r"transport .* not allowed", "the protocol is not allowed"),
)
_UNREACHABLE = r"Could not resolve host|Connection refused|Failed to connect|Connection timed out|Could not connect"


def clone(address: Address, folder: Path, insecure: bool, cacert: str) -> None:
    """Fills an empty folder with the files of a repository. Raises DownloadError, NetworkError."""
    environment = _environment(insecure, cacert)
    wanted = [address.ref] if address.ref else ["HEAD"]
    _git(environment, "init", "--quiet", "--template=", "--", str(folder))
    fetch = ("-C", str(folder), "fetch", "--quiet", "--no-tags", "--no-recurse-submodules")
    try:
        _git(environment, *fetch, "--depth=1", "--", address.location, *wanted)
        revision = "FETCH_HEAD"
    except DownloadError:
        if not re.fullmatch(r"[0-9a-f]{7,64}", address.ref):
            raise
        # not every server gives single commits, and none those of a few digits
        _git(environment, *fetch, "--", address.location, "+refs/*:refs/fetched/*")
        revision = address.ref
    _git(environment, "-C", str(folder), "checkout", "--quiet", "--detach", revision, "--")
    shutil.rmtree(folder / ".git", ignore_errors=True)


def _environment(insecure: bool, cacert: str) -> dict[str, str]:
    """For git: no prompts, hooks, filters or submodules, no way to files of this machine."""
    settings = {
        "core.hooksPath": os.devnull,
        "core.fsmonitor": "false",
        "core.symlinks": "false",
        "filter.lfs.smudge": "cat",
        "filter.lfs.process": "",
        "filter.lfs.required": "false",
        "submodule.recurse": "false",
        "http.lowSpeedLimit": "1",
        "http.lowSpeedTime": "30",
        "http.followRedirects": "initial",
        "gc.auto": "0",
    }
    if insecure:
        settings["http.sslVerify"] = "false"
    if cacert:
        settings["http.sslCAInfo"] = str(Path(cacert).resolve())
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key in _KEPT}
    environment |= {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true",
        "GIT_ALLOW_PROTOCOL": "https:http:ssh",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "LC_ALL": "C",
        "GIT_CONFIG_COUNT": str(len(settings)),
    }
    for number, (key, value) in enumerate(settings.items()):
        environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    if "GIT_SSH" not in environment:
        environment.setdefault("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oConnectTimeout=15")
    return environment


def _git(environment: dict[str, str], *arguments: str) -> None:
    try:
        process = subprocess.Popen(
            ["git", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise DownloadError("git is not installed", "install git, or run terraform init elsewhere") from error
    try:
        _, errors = process.communicate(timeout=_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise DownloadError(f"git was not done within {_SECONDS:g} s") from error
    finally:
        if process.returncode is None:  # git starts helpers of its own: end them with it
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    if process.returncode:
        _explain(errors[:65536].decode("utf-8", "replace"), arguments)


def _explain(errors: str, arguments: tuple[str, ...]) -> None:
    url = next((word for word in arguments if "://" in word), "")
    if re.search(_UNREACHABLE, errors):
        raise NetworkError(f"{urlsplit(url).hostname} cannot be reached")
    for pattern, reason in _REASONS:
        if re.search(pattern, errors):
            raise DownloadError(f"git: {reason}")
    lines = [line for line in errors.splitlines() if line.startswith(("fatal:", "error:"))]
    text = lines[-1].partition(": ")[2] if lines else "no reason was given"
    text = re.sub(r"//[^/\s'@]*@", "//", "".join(sign for sign in text if sign.isprintable()))[:300]
    raise DownloadError(f"git: {text}")
