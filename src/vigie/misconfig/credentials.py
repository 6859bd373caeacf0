"""Credentials in texts that a check looks through: start scripts, user data, container definitions.

Ours are few patterns that are almost never wrong; reading whole files for secrets is another matter.
"""

from __future__ import annotations

import re
from functools import cache

LONGEST_TEXT = 256 * 1024
"""Characters that are looked at. Clouds take less as user data: AWS 16 KiB, Azure 64 KiB."""

_TOKENS = (
    ("an AWS access key id", r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b"),
    ("a private key", r"-----BEGIN (?:[A-Z]{2,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
    ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,90})\b"),
    ("a GitLab token", r"\bgl(?:pat|dt|rt|cbt|ptt)-[A-Za-z0-9_-]{20}"),
    ("a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,250}"),
    ("a Slack web hook", r"https://hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,}"),
    ("a Stripe key", r"\b[rs]k_live_[A-Za-z0-9]{20,100}\b"),
    ("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}"),
    ("an Azure account key", r"\b(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,90}={0,2}"),
    ("a SendGrid key", r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    ("an npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("a PyPI token", r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,200}"),
    ("a DigitalOcean token", r"\bdo[opr]_v1_[a-f0-9]{64}\b"),
    ("a password in a URL", r"\b[a-z][a-z0-9+.-]{1,15}://[^\s/:@$<{\"']{1,64}:[^\s/:@$<{\"']{3,128}@[A-Za-z0-9\[]"),
)
_ASSIGNMENT = (
    # DB_PASSWORD="…", "secret_key": "…", --api-token=…
    r"(?i)(?<![a-z0-9_.-])(?P<key>[a-z0-9_.-]{0,60}?"
    r"(?P<what>passw(?:or)?d|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)(?:[_.-][a-z0-9_.-]{1,40})?)"
    r"\\?[\"']?[ \t]{0,8}(?P<sign>:=|=>|[=:])[ \t]{0,8}\\?"
    r"(?:\"(?P<double>[^\"\n]{6,512})\"|'(?P<single>[^'\n]{6,512})'|(?P<bare>[^\s\"'`;,|&<>(){}\[\]]{6,512}+)(?!\())"
)
_ELSEWHERE = (
    # What is not the value itself: variables, templates, commands, references, places to be filled, paths, booleans.
    r"(?i)\$|__UNRESOLVED__|\{\{|<[^>]*>|%\w+%|^(?:/|\./|~|https?://|arn:|vault:|ssm:|file:|env:)"
    r"|secretsmanager|keyvault|^(?:true|false|none|null|required|optional|changeme|example|x{3,}|\*{3,}|\.{3,})"
)
_NAMES_A_PLACE = (
    r"(?i)[_.-](?:file|path|dir|arn|id|names?|ur[li]|version|length|ttl|expir\w*|type|policy|ref|key_?vault)$"
)


@cache
def _patterns() -> tuple[tuple[tuple[str, re.Pattern[str]], ...], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Compiled when first needed: most projects have no text to look through."""
    tokens = tuple((what, re.compile(pattern)) for what, pattern in _TOKENS)
    return tokens, re.compile(_ASSIGNMENT), re.compile(_ELSEWHERE), re.compile(_NAMES_A_PLACE)


def credential_in(text: str) -> str:
    """What kind of credential the text holds (`a private key`, `a password`); empty when none is seen."""
    text = text[:LONGEST_TEXT]
    tokens, assignment, elsewhere, names_a_place = _patterns()
    for what, pattern in tokens:
        if pattern.search(text):
            return what
    for found in assignment.finditer(text):
        value = found["double"] or found["single"] or found["bare"]
        if elsewhere.search(value) or names_a_place.search(found["key"]):
            continue
        if found["bare"] and found["sign"] == ":" and not any(letter.isdigit() for letter in value):
            continue  # prose: "the password: should …"
        return {"p": "a password", "s": "a secret", "t": "a token"}.get(found["what"][0].lower(), "a key")
    return ""


def readable(text: str) -> str:
    """The text that user data means: decoded when it is Base64 of a text, as it is otherwise."""
    from base64 import b64decode

    packed = "".join(text[: LONGEST_TEXT * 2].split())
    if len(packed) < 8 or len(packed) % 4:
        return text
    try:
        return b64decode(packed, validate=True).decode()
    except ValueError:
        return text
