"""Which files are configuration: each language asks for its own, and takes those that it recognises."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.misconfig.language import Language
from vigie.model.inventory import Configuration
from vigie.scanner.analyzer import Analyzer, File, Group


def reads(language: Language) -> Analyzer:
    """The analyzer of a language, named as the language (`--file-patterns dockerfile:…`)."""

    def run(file: File) -> Iterator[Configuration]:
        data = file.bytes()
        if language.recognise(file.path, data):
            yield Configuration(language.name, file.path, data)

    return Analyzer(
        name=language.name, run=run, group=Group.CONFIGURATION, type=language.name, globs=language.globs, order=90
    )
