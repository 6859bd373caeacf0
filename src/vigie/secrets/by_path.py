"""Files that are found by their path alone: rules without an expression, as gitleaks has them (key stores)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from vigie import _core
from vigie.model.secret import SecretCandidate
from vigie.scanner.analyzer import Analyzer, File, Group
from vigie.secrets.allow import is_found
from vigie.secrets.rule_set import RuleSet

NAME = "secret-path"


def analyzer(rule_set: RuleSet, settings: str, *, rooted: bool) -> Analyzer:
    """What finds such files. settings: what else decides what is found. rooted: paths begin with a slash for rules."""
    skipped = _core.Selection([(rule_set.skip, (), "bytes")])

    def run(file: File) -> Iterator[SecretCandidate]:
        path = f"/{file.path}" if rooted else file.path
        if skipped.matches(file.path, 0o644):
            return
        for rule in rule_set.by_path:
            if not is_found((rule.path,), path.encode(errors="replace")):
                continue
            allowed = rule_set.allowed(rule.id, path, {"secret": b"", "match": b"", "line": b""})
            yield SecretCandidate(
                rule=rule.id,
                path=file.path,
                start=0,
                end=0,
                start_column=0,
                end_column=0,
                offset=0,
                match="",
                code=(),
                tag="",
                confidence="medium",
                reason=f"a rule of {rule.origin} is about files with such a path",
                allow=allowed.statement if allowed else "",
                allow_source=rule_set.source if allowed else "",
            )

    return Analyzer(
        name=NAME,
        run=run,
        group=Group.ANYWHERE,
        type="secret",
        globs=(),
        expressions=tuple(_unrooted(rule.path) if rooted else rule.path for rule in rule_set.by_path),
        order=96,
        settings=settings,
    )


def _unrooted(path: str) -> str:
    """An expression for paths with a slash in front, for the walk, whose paths have none. It may want more files."""
    flags, rest = re.fullmatch(r"((?:\(\?[A-Za-z-]+\))*)(.*)", path, re.DOTALL).groups()  # type: ignore[union-attr]
    if rest.startswith("^/"):
        return f"{flags}^{rest[2:]}"
    return f"{flags}(?:^|/){rest[1:]}" if rest.startswith("/") else path
