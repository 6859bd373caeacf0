"""What `--skip-dirs`, `--skip-files` and `--file-patterns` leave out and bring in."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigie import scan
from vigie.artifacts.filesystem import below
from vigie.errors import UsageError
from vigie.settings.groups import Options, PackageOptions, ScanOptions
from vigie.settings.units import items

LOCK = "GEM\n  specs:\n    rack (2.0.0)\n"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("app/npm", ("npm",)),
        ("./app/x/../npm/*.lock", ("npm/*.lock",)),
        ("app/**/Cargo.lock", ("**/Cargo.lock",)),
        ("app", ("**",)),
        ("npm", ()),
        ("../app/npm", ()),
        ("application/npm", ()),
    ],
)
def test_paths_from_the_working_folder(
    pattern: str, expected: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert below([pattern], "app") == expected
    assert below([str(tmp_path / pattern)], "app") == expected


def targets(path: str, **options: tuple[str, ...]) -> list[str]:
    chosen = Options(scan=ScanOptions(**options), packages=PackageOptions(types=("library",)))  # type: ignore[arg-type]
    return [result.target for result in scan(path, "fs", chosen).results]


@pytest.mark.parametrize(
    ("option", "pattern", "left"),
    [
        ("skip_dirs", "one", ["two/deep/Gemfile.lock"]),
        ("skip_dirs", "app/one", ["two/deep/Gemfile.lock"]),
        ("skip_dirs", "**/deep", ["one/Gemfile.lock"]),
        ("skip_dirs", "deep", ["one/Gemfile.lock", "two/deep/Gemfile.lock"]),
        ("skip_dirs", "app", []),
        ("skip_files", "app/*/Gemfile.lock", ["two/deep/Gemfile.lock"]),
        ("skip_files", "**/Gemfile.lock", []),
        ("skip_files", "Gemfile.lock", ["one/Gemfile.lock", "two/deep/Gemfile.lock"]),
        ("skip_dirs", "app/{one,two}", []),
    ],
)
def test_folders_and_files_are_left_out(
    option: str, pattern: str, left: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("one", "two/deep"):
        (tmp_path / "app" / folder).mkdir(parents=True)
        (tmp_path / "app" / folder / "Gemfile.lock").write_text(LOCK)
    monkeypatch.chdir(tmp_path)
    assert targets("app", **{option: (pattern,)}) == left


@pytest.mark.parametrize(
    "options",
    [{"skip_dirs": ("a{b",)}, {"skip_files": ("[",)}, {"file_patterns": ("pip:(",)}],
    ids=lambda options: next(iter(options)),
)
def test_patterns_that_mean_nothing_are_refused_in_one_line(
    options: dict[str, tuple[str, ...]], tmp_path: Path
) -> None:
    with pytest.raises(UsageError) as refused:
        targets(str(tmp_path), **options)
    assert "\n" not in refused.value.message


def test_commas_in_braces_belong_to_the_pattern() -> None:
    assert items("app/{one,two}, x{1,2},**/y") == ("app/{one,two}", "x{1,2}", "**/y")
    assert items("a},b,{c") == ("a}", "b", "{c")
