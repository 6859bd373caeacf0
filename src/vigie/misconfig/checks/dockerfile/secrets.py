"""Checks of secrets that a build leaves in the image."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vigie.misconfig.check import Flaws, check, flaw
from vigie.misconfig.languages.dockerfile.project import Dockerfile, Instruction

# fmt: off
_KNOWN = frozenset((
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET",
    "GITHUB_TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "OPENAI_API_KEY", "HF_TOKEN",
    "DIGITALOCEAN_ACCESS_TOKEN", "DOCKERHUB_PASSWORD", "FIREBASE_TOKEN", "CI_DEPLOY_PASSWORD", "GOOGLE_API_KEY",
    "LANGSMITH_API_KEY", "LANGCHAIN_API_KEY", "HEROKU_API_KEY",
))
_WORDS = frozenset((
    "apikey", "auth", "credential", "credentials", "key", "password", "pword", "passwd", "secret", "token", "usr",
    "psw",
))
# fmt: on
_FILES = ("AWS_CONFIG_FILE", "HF_TOKEN_PATH", "GOOGLE_APPLICATION_CREDENTIALS")
_VARIABLE = re.compile(r"\$\{?(\w+)")


@check(
    "DS-0031",
    "dockerfile.file",
    service="general",
    severity="CRITICAL",
    code="do-not-pass-secrets",
    aliases=("DS031",),
    title="Secrets should not enter the image",
    why="ARG, ENV and copied files stay in the image and its history; whoever pulls it can read them.",
    fix="Give secrets to a build with RUN --mount=type=secret, and to a container when it starts.",
    references=("https://docs.docker.com/build/building/secrets/",),
)
def no_secrets(file: Dockerfile) -> Flaws:
    if not file.stages:
        return
    last = file.stages[-1]
    copied = [path.rstrip("/") for one in last.of("copy", "add") for path in one.values[-1:]]
    for instruction in last.instructions:
        if instruction.onbuild:
            continue
        if instruction.name in ("env", "arg"):
            yield from _variables(instruction, copied)
        elif instruction.name == "copy" and (match := _VARIABLE.search(instruction.values[-1])):
            if match[1] in _FILES:
                yield flaw(f"A file of credentials is copied to ${match[1]}.", instruction)
        elif instruction.name == "run" and not any("type=secret" in flag for flag in instruction.flags):
            yield from _logins(instruction)


def _variables(instruction: Instruction, copied: list[str]) -> Flaws:
    for name, value in _named(instruction):
        plain = re.sub(r"^(?:VITE|REACT_APP)_", "", name)
        words = set(re.split(r"[_\W]+", name.lower()))
        if name not in _FILES and (plain in _KNOWN or (words & _WORDS and "public" not in words)):
            yield flaw(f"{instruction.name.upper()} {name} may hold a secret.", instruction)
        elif name in _FILES and any(value.strip("\"'").startswith(path) for path in copied if path not in ("", ".")):
            yield flaw(f"{name} names a file of credentials that is copied into the image.", instruction)


def _named(instruction: Instruction) -> Iterator[tuple[str, str]]:
    if instruction.name == "env":
        yield from zip(instruction.values[::3], instruction.values[1::3], strict=False)
        return
    for word in instruction.values:
        name, _, value = word.partition("=")
        yield name, value


def _logins(instruction: Instruction) -> Flaws:
    if not instruction.commands.certain():
        return
    for words in instruction.commands.value:
        text = " ".join(words)
        if re.match(r"aws configure set \S*(?:key|token)", text):
            yield flaw("AWS credentials are written into the image.", instruction)
        elif text.startswith("gcloud auth activate-service-account"):
            yield flaw("A Google service account is activated in the image.", instruction)
        elif text.startswith("az login") and any(
            re.match(r"(?:-p|--password|--federated-token)(?:$|=)", word) for word in words
        ):
            yield flaw("Azure credentials are used in the build.", instruction)
        elif text.startswith("doctl auth init") and any(
            word in ("-t", "--access-token") or word.startswith(("-t=", "--access-token=")) for word in words
        ):
            yield flaw("A DigitalOcean token is used in the build.", instruction)
