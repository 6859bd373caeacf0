"""Allow rules: where secrets are not looked for, and which of those found are none that anybody minds.

The ids and the meaning of `GLOBAL`, and `SKIPPED`, are those of the reference (trivy.md §6.1); users turn them off by
id (`disable-allow-rules`) or replace the list (`skip-patterns`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from vigie import _core

Target = Literal["secret", "match", "line"]


class AllowRule(Struct, frozen=True, omit_defaults=True):
    """What is let pass. All expressions are in the syntax of rules (`SecretRule.pattern`).

    regexes: one is found in what `target` says. paths: one is found in the file's path. stopwords: small letters; one
    stands in the secret, in any case. commits: full ids, in small letters. condition: whether one of these is enough
    (`or`), or all that are given must hold (`and`). rules: ids of the rules it is about; none: all.
    """

    id: str
    description: str
    regexes: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    stopwords: tuple[str, ...] = ()
    target: Target = "secret"
    condition: Literal["or", "and"] = "or"
    commits: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def statement(self) -> str:
        """Why something is let pass, for people."""
        return f"{self.id}: {self.description}" if self.id and self.description else self.id or self.description

    @property
    def by_path_alone(self) -> bool:
        """Whether a path is enough for all rules: such files are not read at all."""
        others = self.regexes or self.stopwords or self.commits
        return bool(self.paths) and not self.rules and (self.condition == "or" or not others)

    def allows(self, path: str, texts: Mapping[Target, bytes], commit: str = "") -> bool:
        """Whether it lets a secret pass. texts: of all kinds, the line being all lines of the match."""
        asked = []
        if self.commits:
            asked.append(commit.lower() in self.commits)
        if self.paths:
            asked.append(is_found(self.paths, path.encode(errors="replace")))
        if self.regexes:
            asked.append(is_found(self.regexes, texts[self.target]))
        if self.stopwords:
            folded = texts["secret"].lower()
            asked.append(any(word.encode() in folded for word in self.stopwords))
        return bool(asked) and (any(asked) if self.condition == "or" else all(asked))


def is_found(expressions: tuple[str, ...], text: bytes) -> bool:
    """Whether one of the expressions is found in a text. Raises ValueError(reason, index) for one that is not taken."""
    return _compiled(expressions).first(text) is not None


@cache
def _compiled(expressions: tuple[str, ...]) -> _core.SecretExpressions:
    from vigie import _core

    return _core.SecretExpressions(expressions)


# fmt: off
GLOBAL = (
    AllowRule("tests", "files of tests often hold made-up credentials", paths=(r"(?i)(?:^|[/._-])test",)),
    AllowRule("examples", "examples show made-up credentials", paths=(r"example",)),
    AllowRule("vendor", "a copy of somebody else's code holds none of your secrets", paths=(r"/vendor/",)),
    AllowRule("usr-dirs", "packages of the system install these files", paths=(r"^/?usr/(?:share|include|lib)/",)),
    AllowRule("locale-dir", "translated texts look like credentials", paths=(r"/locales?/",)),
    AllowRule("markdown", "documentation shows made-up credentials", paths=(r"\.md$",)),
    AllowRule("node.js", "Node.js images bring Yarn with them", paths=(r"^/?opt/yarn-v[0-9.]+/",)),
    AllowRule("golang", "Go's own source comes with its images", paths=(r"^/?usr/local/go/",)),
    AllowRule("python", "Python's own library comes with its images", paths=(r"^/?usr/local/lib/python[0-9.]+/",)),
    AllowRule("rubygems", "installed gems are published code", paths=(r"^/?usr/lib/gems/",)),
    AllowRule("wordpress", "WordPress' own source comes with its images", paths=(r"^/?usr/src/wordpress/",)),
    AllowRule("anaconda-log", "logs of the installer of Red Hat's systems", paths=(r"^/?var/log/anaconda/",)),
    AllowRule("dist-info", "lists of an installed Python package hold digests", paths=(r"[^/]\.dist-info/",)),
)
"""What the reference passes over, by its ids."""

SKIPPED = (
    "**/.git/**", "**/node_modules/**",
    "**/go.mod", "**/go.sum", "**/package-lock.json", "**/yarn.lock", "**/pnpm-lock.yaml", "**/Pipfile.lock",
    "**/Gemfile.lock",
    "**/*.jpg", "**/*.png", "**/*.gif", "**/*.doc", "**/*.pdf", "**/*.bin", "**/*.svg", "**/*.socket", "**/*.deb",
    "**/*.rpm", "**/*.zip", "**/*.gz", "**/*.gzip", "**/*.tar",
)
"""Files that are not searched: what others maintain, and what is no text."""

ARCHIVES = frozenset(("**/*.zip", "**/*.gz", "**/*.gzip", "**/*.tar"))
BINARIES = frozenset(("**/*.bin",))
"""Those of them that are searched all the same when archives or binary files are asked for."""
# fmt: on
