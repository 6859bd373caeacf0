"""Documentation that is made from the code is up to date, links lead somewhere, and commands are understood."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from vigie.cli.main import ALIASES, COMMANDS
from vigie.cli.options import parse
from vigie.cli.scan import ScanCommand
from vigie.settings.groups import Options
from vigie.settings.resolve import declared, resolve

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(
    str(page.relative_to(ROOT))
    for pattern in ("*.md", "docs/*.md", "deploy/*.md", "benches/*.md")
    for page in ROOT.glob(pattern)
)


def test_generated_pages_are_what_the_declarations_say() -> None:
    spec = importlib.util.spec_from_file_location("generate", DOCS / "generate.py")
    assert spec is not None and spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    for name, text in generate.pages().items():
        assert (DOCS / name).read_text() == text, f"{name}: run `make docs`"


def anchors(text: str) -> set[str]:
    """As forges make them of headings: small letters, no punctuation, blanks as hyphens."""
    titles = re.findall(r"^#+ +(.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    source = ROOT / page
    for link in re.findall(r"\]\(([^)\s]+)\)", source.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = source.parent / path if path else source
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target.read_text()), link


def scans() -> Iterator[tuple[str, str]]:
    """Every command line of a scan in the documentation, and the entries of hooks."""
    for page in PAGES:
        text = (ROOT / page).read_text()
        lines = re.findall(r"^(?:\$ |\w+: +entry: |\s+entry: |exec )(?:.*\| )?(vigie .+)$", text, re.MULTILINE)
        yield from ((page, line) for line in lines)
    for hook in hooks():
        yield ".pre-commit-hooks.yaml", hook["entry"]


def hooks() -> list[dict[str, str]]:
    found: list[dict[str, str]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    return found


def understood(line: str) -> Options | None:
    """What a command line asks for; None for one that is no scan. Raises UsageError."""
    words = shlex.split(line.partition(" <")[0], comments=True)[1:]
    name = next(iter(words), "")
    names = ALIASES | {whole: whole for whole in COMMANDS}
    if name not in names:
        return None
    command = getattr(import_module(f"vigie.cli.{COMMANDS[names[name]][0]}"), "COMMAND", None)
    if not isinstance(command, ScanCommand):
        return None
    settings = declared(command.command.groups)
    parsed = parse(words[1:], settings, command.command)
    return resolve(settings, parsed.given, {}, defaults=command.defaults)[0]


@pytest.mark.parametrize(("page", "line"), sorted(set(scans())))
def test_commands_are_understood(page: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where there are no settings
    understood(line)


def test_hooks_look_at_what_is_staged_and_fail_when_something_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert {hook["id"] for hook in hooks()} == {"vigie-secret", "vigie-secret-system"}
    for hook in hooks():
        options = understood(hook["entry"])
        assert options is not None
        assert options.scan.scanners == ("secret",)
        assert options.history.staged
        assert options.report.exit_code == 1
        assert hook["pass_filenames"] is False
