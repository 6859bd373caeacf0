"""Which files are configuration: each language asks for its own, and takes those that it recognises."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from vigie.errors import UsageError
from vigie.misconfig.language import Language
from vigie.model.inventory import Configuration
from vigie.scanner.analyzer import Analyzer, File, Group


def reads(language: Language, patterns: Sequence[str] = ()) -> Analyzer:
    """The analyzer of a language, named as the language. patterns: regular expressions of paths that are of it whatever
    they hold (`--file-patterns dockerfile:…`). Raises UsageError for one that is none."""
    try:
        named = [re.compile(pattern) for pattern in patterns]
    except re.error as error:
        raise UsageError(f"--file-patterns {language.name}: {error}", "it is a regular expression of paths") from None

    def run(file: File) -> Iterator[Configuration]:
        data = file.bytes()
        if any(pattern.search(file.path) for pattern in named) or language.recognise(file.path, data):
            yield Configuration(language.name, file.path, data)

    return Analyzer(
        name=language.name, run=run, group=Group.CONFIGURATION, type=language.name, globs=language.globs, order=90
    )
