"""Git repositories: a checkout on this machine, or a URL that is cloned."""

from __future__ import annotations

import base64
import os
import re
import signal
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from vigie.artifacts.checkout import clean_url, is_scp_form, read_checkout, safe_environment
from vigie.artifacts.filesystem import find, folder_artifact
from vigie.artifacts.history import moment, with_history
from vigie.artifacts.temporary import owning, temporary_folder
from vigie.errors import TargetError, UsageError
from vigie.scanner.part import Artifact, Progress
from vigie.settings.groups import GlobalOptions, HistoryOptions, RepositoryOptions

_PROTOCOLS = ("https", "http", "ssh", "git", "file")
_REVISION = re.compile(r"[^\s\x00-\x1f~^:?*\[\\-][^\s\x00-\x1f~^:?*\[\\]*")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")

_REASONS = (
    (r"could not find remote branch|Remote branch .* not found", "no branch or tag of this name"),
    (
        r"couldn't find remote ref|not our ref|unadvertised|invalid reference|not a tree|did not match any",
        "no such commit",
    ),
    (
        r"could not read Username|Authentication failed|terminal prompts disabled|HTTP 40[13]|error: 40[13]",
        "access denied",
    ),
    (r"Permission denied|Host key verification failed", "access denied by ssh"),
    (
        r"[Rr]epository .*not found|does not exist|does not appear to be a git repository|error: 404|HTTP 404",
        "no such repository",
    ),
    (r"Could not resolve host", "the host is not known"),
    (r"Connection refused|Failed to connect|Connection timed out|unable to access", "the host cannot be reached"),
    (r"transport .* not allowed", "the protocol is not allowed"),
    (r"No space left", "no room on the disk"),
)
_HINTS = {
    "access denied": "check the name; for private repositories set GITHUB_TOKEN or GITLAB_TOKEN"
    " (with GH_HOST or GITLAB_HOST for a server of your own)",
    "access denied by ssh": "ssh must work without a question: ssh-agent and known_hosts",
    "no branch or tag of this name": "check --branch and --tag",
    "no such commit": "check --commit; give all its digits",
}


def open_repository(
    target: str,
    options: RepositoryOptions,
    general: GlobalOptions,
    progress: Progress,
    history: HistoryOptions | None = None,
) -> Artifact:
    """A git repository: a path, or a URL cloned into a temporary folder at the revision asked for; with its commits as
    a second part if `history` asks for them.

    A path with a revision is cloned too: the user's own work tree is never changed. Raises UsageError, TargetError.
    """
    revision = _revision(options)
    whole = history is not None and history.history
    since = moment(history.since) if history is not None and whole else None
    local = _exists(target)
    if local and not revision:
        root = find(target)
        artifact = folder_artifact(target, root, "repo", read_checkout(root))
        if whole and _is_bare(root):
            artifact = msgspec.structs.replace(artifact, parts=[])
        return with_history(artifact, root, "", since) if whole else artifact
    url, name = (Path(target).resolve().as_uri(), target) if local else _url(target)
    with ExitStack() as stack:
        folder = temporary_folder(stack) / "repository"
        progress.step("clone", 0, 0)
        _Clone(url, folder, general, whole=whole and not local).run(options)
        facts = read_checkout(folder)
        artifact = folder_artifact(name, folder, "repo", facts)
        if whole:
            tip = facts.commit if facts is not None and revision else ""
            artifact = with_history(artifact, Path(target) if local else folder, tip, since)
        return owning(artifact, stack)


def _is_bare(root: Path) -> bool:
    """Whether a folder is a repository without a work tree: there is nothing in it but its objects."""
    return (root / "HEAD").is_file() and (root / "objects").is_dir() and not (root / ".git").exists()


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def _revision(options: RepositoryOptions) -> str:
    given = [
        (flag, value)
        for flag, value in (("--branch", options.branch), ("--tag", options.tag), ("--commit", options.commit))
        if value
    ]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(flag for flag, _ in given)} cannot be given together", "choose one revision")
    for flag, value in given:
        if not (_COMMIT if flag == "--commit" else _REVISION).fullmatch(value) or ".." in value:
            raise UsageError(f"{flag} {value!r} is not a name that git knows")
    return given[0][1] if given else ""


def _url(target: str) -> tuple[str, str]:
    """The URL to clone, and the name for reports. Raises TargetError for what is neither path nor URL."""
    if any(sign.isspace() or not sign.isprintable() for sign in target) or target.startswith("-"):
        raise TargetError(f"{target!r} is neither a path nor the URL of a repository")
    if is_scp_form(target):
        return target, target
    bare = False
    if "://" not in target:
        if "/" not in target or "." not in target.partition("/")[0].lstrip("./"):
            raise TargetError(f"{target}: no such file or folder", "give a folder, or a URL such as https://host/name")
        target = f"https://{target}"
        bare = True
    try:
        parts = urlsplit(target)
        usable = parts.scheme in _PROTOCOLS and (parts.hostname or parts.scheme == "file")
    except ValueError:
        usable = None
    if not usable:
        raise TargetError(
            f"{clean_url(target)} is not a URL that can be cloned", f"it starts with one of {', '.join(_PROTOCOLS)}"
        )
    return target, clean_url(target).removeprefix("https://" if bare else "")


class _Clone:
    """One clone. Credentials travel in the environment of git alone, and only to the host they are for."""

    def __init__(self, url: str, folder: Path, general: GlobalOptions, *, whole: bool = False) -> None:
        """whole: with all commits, not the last one alone."""
        self._whole = whole
        self._url = url if is_scp_form(url) else _without_password(url)
        self._shown = url if is_scp_form(url) else clean_url(url)
        self._folder, self._general = folder, general
        self._environment = safe_environment() | _settings(url, general)
        self._environment["GIT_ALLOW_PROTOCOL"] = ":".join(_PROTOCOLS)
        if "GIT_SSH" not in self._environment:
            self._environment.setdefault("GIT_SSH_COMMAND", "ssh -oBatchMode=yes -oConnectTimeout=15")

    def run(self, options: RepositoryOptions) -> None:
        """Clones. Raises TargetError."""
        name = options.branch or options.tag
        common = ["--quiet", "--template=", "--no-recurse-submodules"]
        if not options.commit:
            chosen = [f"--branch={name}"] if name else []
            if not self._whole:
                chosen += ["--depth=1", "--single-branch"]
            elif name:
                chosen += ["--single-branch"]
            self._git("clone", *common, *chosen, "--", self._url, str(self._folder))
            return
        if len(options.commit) in (40, 64) and not self._whole:
            self._git("init", "--quiet", "--template=", "--", str(self._folder))
            self._git("-C", str(self._folder), "remote", "add", "--", "origin", self._url)
            with suppress(TargetError):  # not every server gives single commits
                self._git("-C", str(self._folder), "fetch", "--quiet", "--depth=1", "--", "origin", options.commit)
                self._git("-C", str(self._folder), "checkout", "--quiet", "--detach", "FETCH_HEAD")
                return
            self._git("-C", str(self._folder), "fetch", "--quiet", "--tags", "--", "origin")
        else:
            self._git("clone", *common, "--no-checkout", "--", self._url, str(self._folder))
        self._git("-C", str(self._folder), "checkout", "--quiet", "--detach", options.commit, "--")

    def _git(self, *arguments: str) -> None:
        import subprocess

        seconds = self._general.timeout or None
        try:
            process = subprocess.Popen(
                ["git", *arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise TargetError(f"{self._shown} cannot be cloned: git is not installed", "install git") from error
        try:
            _, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise TargetError(f"{self._shown} was not cloned within {seconds:g} s", "raise --timeout") from error
        finally:
            if process.returncode is None:  # git starts helpers of its own: end them with it
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
        if process.returncode:
            raise self._explain(errors[:65536].decode("utf-8", "replace"))

    def _explain(self, errors: str) -> TargetError:
        for pattern, reason in _REASONS:
            if re.search(pattern, errors):
                return TargetError(
                    f"{self._shown} could not be cloned: {reason}", _HINTS.get(reason, "check the address")
                )
        lines = [line for line in errors.splitlines() if line.startswith(("fatal:", "error:"))]
        text = lines[-1].partition(": ")[2] if lines else "git gave no reason"
        text = re.sub(r"//[^/\s'@]*@", "//", "".join(sign for sign in text if sign.isprintable()))[:300]
        return TargetError(f"{self._shown} could not be cloned: {text}")


def _without_password(url: str) -> str:
    """The URL git is given. Query and fragment stay out of it like the password; the user of ssh stays in."""
    return clean_url(url)


def _settings(url: str, general: GlobalOptions) -> dict[str, str]:
    """Git settings as environment variables, which no process list shows: no hooks, credentials for one host."""
    settings = [
        ("core.hooksPath", os.devnull),
        ("core.fsmonitor", "false"),
        ("filter.lfs.smudge", "cat"),
        ("filter.lfs.process", ""),
        ("filter.lfs.required", "false"),
        ("submodule.recurse", "false"),
        ("http.lowSpeedLimit", "1"),
        ("http.lowSpeedTime", "30"),
        ("http.followRedirects", "initial"),
    ]
    if general.insecure:
        settings.append(("http.sslVerify", "false"))
    if general.cacert:
        settings.append(("http.sslCAInfo", str(Path(general.cacert).resolve())))
    login = _login(url)
    if login:
        parts = urlsplit(url)
        header = "Authorization: Basic " + base64.b64encode(login.encode()).decode()
        settings.append((f"http.{parts.scheme}://{parts.netloc.rpartition('@')[2]}/.extraHeader", header))
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, (key, value) in enumerate(settings):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def _login(url: str) -> str:
    """user:password for a URL: its own, else the token of its host; "" for none, and for tokens over plain HTTP."""
    parts = urlsplit(url) if not is_scp_form(url) else urlsplit("")
    if parts.scheme not in ("https", "http"):
        return ""
    if "@" in parts.netloc:
        user, _, password = parts.netloc.rpartition("@")[0].partition(":")
        return f"{unquote(user)}:{unquote(password)}"
    host = (parts.hostname or "").lower()
    for user, token, usual, variables in (
        ("x-access-token", "GITHUB_TOKEN", "github.com", ("GH_HOST", "GITHUB_SERVER_URL")),
        ("oauth2", "GITLAB_TOKEN", "gitlab.com", ("GITLAB_HOST", "CI_SERVER_HOST")),
    ):
        named = [os.environ.get(variable, "") for variable in variables]
        hosts = {usual, *(urlsplit(text if "://" in text else f"//{text}").hostname for text in named if text)}
        if parts.scheme == "https" and host in hosts and os.environ.get(token):
            return f"{user}:{os.environ[token]}"
    return ""
