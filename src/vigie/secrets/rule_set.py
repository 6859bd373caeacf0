"""The rules of one scan: ours, or what a configuration of the user's makes of them.

Which configuration counts, the first that is there: `--secret-config`; GITLEAKS_CONFIG (a file) and
GITLEAKS_CONFIG_TOML (its text), as gitleaks has them; `trivy-secret.yaml` in the working folder; `.gitleaks.toml` in
the root of what is scanned. A name that ends in `.toml` is gitleaks' form, any other Trivy's.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from vigie.errors import RuleError, UsageError
from vigie.secrets import rules as ours
from vigie.secrets.allow import GLOBAL, SKIPPED, AllowRule, Target, is_found
from vigie.secrets.rules import SecretRule
from vigie.settings.groups import SecretOptions

DEFAULT = "trivy-secret.yaml"
IN_ROOT = ".gitleaks.toml"
MAX_SIZE = 1 << 20
"""Bytes of one file of configuration."""
MOST_WARNINGS = 20


class Block(Struct, frozen=True, omit_defaults=True):
    """Parts of a file in which nothing counts. pattern: its group `secret` is empty, so that nothing of them is hidden.
    rules: ids of the rules it is about; none: all."""

    pattern: str
    description: str = ""
    rules: tuple[str, ...] = ()


class Need(Struct, frozen=True, omit_defaults=True):
    """A rule counts only where one of others finds something too: in the same file, at most so many lines and columns
    away; None: however many."""

    rule: str
    others: tuple[str, ...]
    lines: int | None = None
    columns: int | None = None


class RuleSet(Struct, frozen=True):
    """What is looked for and what is not. skip: globs of files that are not searched. by_path: rules without a pattern:
    a file of such a path is found as it is. silent: ids of rules that are there for what others need. digest: of all
    that decides what is found. source: the file of configuration, "" for none. warnings: what of it does not count, for
    people."""

    rules: tuple[SecretRule, ...]
    allow: tuple[AllowRule, ...]
    skip: tuple[str, ...]
    digest: str = ""
    blocks: tuple[Block, ...] = ()
    by_path: tuple[SecretRule, ...] = ()
    needs: tuple[Need, ...] = ()
    silent: tuple[str, ...] = ()
    source: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def passed_over(self) -> tuple[str, ...]:
        """Expressions: a file in whose path one is found is not searched."""
        return tuple(path for rule in self.allow if rule.by_path_alone for path in rule.paths)

    @property
    def asks_for_lines(self) -> bool:
        """Whether an allow rule is about more than the secret itself."""
        return any(rule.regexes and rule.target != "secret" for rule in self.allow)

    def passes_over(self, path: str) -> AllowRule | None:
        """The allow rule because of which a file is not searched."""
        text = path.encode(errors="replace")
        return next((rule for rule in self.allow if rule.by_path_alone and is_found(rule.paths, text)), None)

    def allowed(self, rule: str, path: str, texts: Mapping[Target, bytes], commit: str = "") -> AllowRule | None:
        """The allow rule that lets pass what a rule found. texts: as of `AllowRule.allows`."""
        mine = (one for one in self.allow if not one.rules or rule in one.rules)
        return next((one for one in mine if one.allows(path, texts, commit)), None)


def load_rule_set(options: SecretOptions, root: str = "", environment: Mapping[str, str] = os.environ) -> RuleSet:
    """The rules of a scan. root: the folder or file that is scanned, "" for none.

    Raises UsageError for a file that cannot be read, RuleError for what is wrong in one."""
    folder = Path(root) if root and os.path.isdir(root) else None  # noqa: PTH112 - targets may be no paths
    if options.config and options.config != DEFAULT:
        return _configured(options.config, folder)
    if given := environment.get("GITLEAKS_CONFIG", ""):
        return _configured(given, folder, gitleaks=True)
    if text := environment.get("GITLEAKS_CONFIG_TOML", ""):
        from vigie.secrets import gitleaks_config

        return _completed(
            gitleaks_config.read(text.encode(), "GITLEAKS_CONFIG_TOML", builtin()), "GITLEAKS_CONFIG_TOML"
        )
    in_root = folder / IN_ROOT if folder else None
    if options.config and Path(DEFAULT).is_file():
        rule_set = _configured(DEFAULT, folder)
        if in_root and in_root.is_file():
            rule_set = _warned(
                rule_set, f"{in_root} is not read, since {DEFAULT} is there; name it with --secret-config"
            )
        return rule_set
    if folder and in_root and in_root.is_file() and _beneath(in_root, folder):
        rule_set = _configured(str(in_root), folder, within=folder)
        # What is scanned says itself what is looked for in it: nobody should take that for our judgement.
        what = "" if any(not rule.origin for rule in rule_set.rules) else "; it does without the built-in rules"
        return _warned(rule_set, f"{in_root} says what is a secret{what}; name another file with --secret-config")
    return _completed(builtin(), "")


def builtin() -> RuleSet:
    """Our rules, without a digest."""
    return RuleSet(ours.load(), GLOBAL, SKIPPED)


def _configured(path: str, root: Path | None, *, gitleaks: bool = False, within: Path | None = None) -> RuleSet:
    """The rules as a file of configuration has them. within: the folder that what it names must lie in."""
    data = read_file(path)
    if gitleaks or path.endswith(".toml"):
        from vigie.secrets import gitleaks_config

        rule_set = gitleaks_config.read(data, path, builtin(), within)
    else:
        from vigie.secrets import trivy_config

        rule_set = trivy_config.read(data, path, builtin())
    # The file itself is full of what looks like secrets.
    if root and (own := _beneath(Path(path), root)):
        rule_set = msgspec.structs.replace(rule_set, skip=(*rule_set.skip, _as_glob(own)))
    return _completed(rule_set, path)


def read_file(path: str) -> bytes:
    """The bytes of a file of configuration. Raises UsageError."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_SIZE + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or "no path"
        raise UsageError(f"the rules in {path} could not be read: {reason}", "see --secret-config") from None
    if len(data) > MAX_SIZE:
        raise RuleError(f"{path}: is larger than 1 MB")
    return data


def _completed(rule_set: RuleSet, source: str) -> RuleSet:
    mine = rule_set.rules is ours.load()
    rules = ours.INDEX.read_bytes() if mine else msgspec.json.encode(rule_set.rules)
    digest = hashlib.sha256(rules)
    digest.update(msgspec.json.encode((rule_set.allow, rule_set.skip, rule_set.blocks, rule_set.by_path, source)))
    told = rule_set.warnings
    if len(told) > MOST_WARNINGS:
        told = (*told[:MOST_WARNINGS], f"{source}: {len(told) - MOST_WARNINGS} more of the kind")
    return msgspec.structs.replace(rule_set, digest=digest.hexdigest(), source=source, warnings=told)


def _warned(rule_set: RuleSet, warning: str) -> RuleSet:
    return msgspec.structs.replace(rule_set, warnings=(*rule_set.warnings, warning))


def _beneath(path: Path, root: Path) -> str:
    """A path as it is seen from a folder; "" when it does not lie in it."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except (ValueError, OSError, RuntimeError):
        return ""


def _as_glob(path: str) -> str:
    return "".join(f"\\{one}" if one in "*?[]{}\\" else one for one in path)
