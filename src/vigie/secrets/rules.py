"""The rules: one YAML file per provider in `rules/`, and `rules.json`, which `make index` writes from them.

A run reads the JSON, which takes a few milliseconds; a test compares the two. docs: every field of `SecretRule`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct, field

from vigie.errors import RuleError
from vigie.model.advisory import Severity

if TYPE_CHECKING:
    from vigie._core import _MarkedNode

FOLDER = Path(__file__).with_name("rules")
INDEX = Path(__file__).with_name("rules.json")
LONGEST_PATTERN = 2000
"""Bytes of an expression."""
SHORTEST_KEYWORD = 3

_OPERATOR = (
    r"""[=:]{1,3}|=>|:[ \t]{0,2}[A-Za-z&']{1,12}[ \t]{0,2}=|\{[ \t]?get;[a-z; \t]{0,12}\}[ \t]?="""
    r"""|,?[ \t]?\{?\s{1,24}["']?(?:[Vv]alue|default)["']?[ \t]{0,2}[=:]"""
)
_ASSIGN = (
    r"""[0-9A-Za-z_. \t(-]{0,32}["'`)\]\\]{0,3}[ \t]{0,8}"""
    rf"""(?:{_OPERATOR}|[,>(]|(?i:key|token|secret|password|[_-](?:id|pat))[ \t])[ \t]{{0,8}}["'`\\]{{0,3}}"""
)
PARTS = {
    # After a name: the rest of the name, a closing quote, an operator, an opening quote: `_KEY"] = "`, `-token: `,
    # `Key => '`, `Key>` (XML), `", "` (arguments), `: str = "`, `" value="` (XML, Kubernetes and JSON, on the next
    # line as well), ` { get; } = "`; a blank alone only after the name of a secret, as in `ENV A_KEY value`. Rules
    # share it so that the matcher can know it.
    "assign": _ASSIGN,
    # The same where the rule has the whole name already, so that a blank is enough.
    "given": rf"""(?:{_ASSIGN}|[0-9A-Za-z_.-]{{0,32}}[ \t]{{1,4}}["'`]?)""",
    # After the whole name: an operator, and a quote that has to be there.
    "quoted": rf"""\\?["'`]?[)\]]?[ \t]{{0,8}}(?:{_OPERATOR}|,)[ \t]{{0,8}}\\?["'`]""",
    "uuid": r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
}
"""What `${name}` stands for in the expression of a rule."""


class Verify(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A harmless request to the provider's own endpoint that tells whether a secret is active.

    `{secret}`, and `{id}` for what the rule's `id_group` found, are filled in; active and inactive: HTTP statuses.
    """

    url: str
    active: tuple[int, ...]
    inactive: tuple[int, ...]
    method: Literal["GET", "HEAD", "POST"] = "GET"
    headers: dict[str, str] = {}
    body: str = ""


class SecretRule(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, kw_only=True):
    """How one kind of credential looks.

    severity: UNKNOWN where the reference has none. keywords: one of them stands in every match, in any case. pattern: a
    linear-time expression on bytes (syntax of Rust's `regex`, ASCII classes, `^` and `$` are line ends); its group
    `secret`, or the whole match, is what is hidden and judged. path: an expression that the file's path must match.
    check: a name in `checks.CHECKS`. entropy: bits per character that the secret must have. id_group: the group that
    holds the id belonging to the secret. with_ (`with:`): rules of ids that stand beside the secret: both are one
    finding. over: rules that tell less about the same place. why: what somebody who has it can do. fix: where to
    revoke, how to rotate.
    examples: texts in which it is found; excluded (`not:` in the files): texts in which it is not, or is judged noise.
    Both only in the YAML files, with `${alnum:36}` for random parts (`examples.py`).
    origin: the file of a rule that is a user's own, "" of ours: it needs no keywords, why, fix and url, its expressions
    are for Rust alone, and what it finds is judged by its entropy only, of which there must be more than it says.
    """

    id: str
    title: str
    category: str
    severity: Severity
    keywords: tuple[str, ...] = ()
    pattern: str
    why: str = ""
    fix: str = ""
    url: str = ""
    path: str = ""
    check: str = ""
    entropy: float = 0.0
    id_group: str = ""
    with_: tuple[str, ...] = field(name="with", default=())
    over: tuple[str, ...] = ()
    verify: Verify | None = None
    origin: str = ""
    examples: tuple[str, ...] = ()
    excluded: tuple[str, ...] = field(name="not", default=())


@cache
def load() -> tuple[SecretRule, ...]:
    """All our rules by id, without their examples."""
    return msgspec.json.decode(INDEX.read_bytes(), type=tuple[SecretRule, ...])


def read_folder(folder: Path = FOLDER) -> tuple[SecretRule, ...]:
    """The rules of all `*.yaml` files of a folder, by id, with their examples. Raises RuleError for what is wrong."""
    found: dict[str, tuple[str, SecretRule]] = {}
    for path in sorted(folder.glob("*.yaml")):
        for place, rule in read_rules(path.read_bytes(), path.name):
            if rule.id in found:
                raise RuleError(f"{place}: there are two rules {rule.id!r}; the other is at {found[rule.id][0]}")
            found[rule.id] = place, rule
    return tuple(found[id_][1] for id_ in sorted(found))


def read_rules(data: bytes, name: str) -> list[tuple[str, SecretRule]]:
    """The rules of one file, each with its place (`github.yaml:12`), `${…}` of their expressions filled in.

    Raises RuleError that names the place and what is wrong."""
    from vigie._core import parse_yaml_marked

    try:
        documents = parse_yaml_marked(data, 200_000)
    except ValueError as error:
        what, line, column = error.args
        raise RuleError(f"{name}:{line}:{column}: {what}") from None
    found = []
    for content, line, _ in documents:
        if not isinstance(content, list):
            raise RuleError(f"{name}:{line}: a file of rules is a list")
        for item in content:
            place = f"{name}:{item[1]}"
            try:
                rule = msgspec.convert(_plain(item), SecretRule, strict=False)
                rule = msgspec.structs.replace(rule, pattern=_filled(rule.pattern))
                wrong = what_is_wrong(rule)
            except ValueError as error:
                wrong = str(error)
            if wrong:
                raise RuleError(f"{place}: {wrong}")
            found.append((place, rule))
    return found


def what_is_wrong(rule: SecretRule) -> str:
    """Why a rule cannot be used; empty when it can."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id):
        return f"the id {rule.id!r} has other characters than a-z, 0-9 and single hyphens"
    if not rule.keywords or any(len(word) < SHORTEST_KEYWORD or not word.isascii() for word in rule.keywords):
        return f"{rule.id}: it needs keywords, each of at least {SHORTEST_KEYWORD} ASCII characters"
    if not all((rule.title, rule.category, rule.why, rule.fix)):
        return f"{rule.id}: title, category, why and fix say something"
    if not rule.url.startswith("https://"):
        return f"{rule.id}: the url of the documentation begins with https://"
    if rule.verify and not re.match(r"https://[0-9a-z.-]+/", rule.verify.url):
        return f"{rule.id}: a secret is sent over https:// only, to a host that the rule names"
    if rule.verify and not any("{secret}" in text for text in verified_with(rule.verify)):
        return f"{rule.id}: the request that verifies a secret does not hold {{secret}}"
    for pattern in filter(None, (rule.pattern, rule.path)):
        if refused := refusal(pattern):
            return f"{rule.id}: {refused}"
    groups = re.compile(rule.pattern.encode()).groupindex
    if rule.id_group and rule.id_group not in groups:
        return f"{rule.id}: the expression has no group {rule.id_group!r}"
    if rule.check:
        from vigie.secrets.checks import CHECKS

        if rule.check not in CHECKS:
            return f"{rule.id}: there is no check {rule.check!r}"
    return ""


def verified_with(verify: Verify) -> tuple[str, ...]:
    """The parts of a request that may hold a secret."""
    return (verify.url, verify.body, *verify.headers.values())


def refusal(pattern: str) -> str:
    """Why an expression is not taken: too long, not linear, or not the same in Python and in Rust."""
    if len(pattern) > LONGEST_PATTERN or not pattern.isascii():
        return f"the expression is longer than {LONGEST_PATTERN} characters, or not ASCII"
    if outside := re.search(
        r"\(\?(?:<?[=!]|>|P=|\()|[*+?}]\+", re.sub(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", "_", pattern)
    ):
        return f"{outside[0]!r} is not linear: look-around, back references and possessive parts are refused"
    escapes = re.findall(r"\\.", pattern)
    if unlike := [one for one in escapes if not re.fullmatch(r"\\([bBdDwWsSnrtx]|[^\w<>])", one)]:
        return f"{unlike[0]!r} is not known, or means something else elsewhere"
    if nested := re.search(r"\[\^?\]?(?:\\.|[^\]\\])*?(?:\[|&&|--|~~)", re.sub(r"\\.", "_", pattern)):
        return f"{nested[0]!r}: `[`, `&&`, `--` and `~~` in a class are escaped"
    try:
        re.compile(pattern.encode())
    except (re.error, OverflowError) as error:
        return f"the expression cannot be read: {error}"
    return ""


def _filled(pattern: str) -> str:
    def part(found: re.Match[str]) -> str:
        if found[1] not in PARTS:
            raise ValueError(f"the expression has an unknown part {found[0]!r}; there are: {', '.join(PARTS)}")
        return PARTS[found[1]]

    # What stands at the start of a line may do so in a string of a program or of JSON: `"…\\nghp_…"`.
    pattern = re.sub(r"(^|\||\((?:\?i?:)?)\\b(?=[^|)\[])", lambda found: found[1] + r"(?:\b|\\[nrt])", pattern)
    pattern = re.sub(r"^\(\?:\^\|(?=\[\^)", lambda _: r"(?:^|\\[nrt]|", pattern)
    return re.sub(r"\$\{([a-z]+)\}", part, pattern)


def _plain(node: _MarkedNode) -> Any:
    content = node[0]
    if content is None or isinstance(content, str):
        return content
    if isinstance(content, list):
        return [_plain(item) for item in content]
    plain = {str(key[0]): _plain(value) for key, value in content}
    if len(plain) < len(content):
        raise ValueError("a key stands twice")
    return plain


def write_index(rules: Iterable[SecretRule]) -> bytes:
    """`rules.json` of these rules."""
    bare = [msgspec.structs.replace(rule, examples=(), excluded=()) for rule in rules]
    return msgspec.json.format(msgspec.json.encode(bare), indent=1) + b"\n"


def main() -> None:
    """Writes the index."""
    INDEX.write_bytes(write_index(read_folder()))


if __name__ == "__main__":
    main()
