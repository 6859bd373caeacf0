"""Writes docs/reference.md from the declarations: options, environment, settings keys, what is read, what is known.

`make docs` runs it; a test compares the page with what it would write.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from vigie import plugs
from vigie.registry import collect
from vigie.scanner.analyzer import Analyzer, Group, Reader
from vigie.scanner.distro import Distro
from vigie.scanner.ecosystem import Ecosystem
from vigie.settings.groups import Options
from vigie.settings.resolve import declared

PAGE = Path(__file__).with_name("reference.md")

READ_IN = {
    Group.SYSTEM: "images, root file systems, folders",
    Group.INSTALLED: "images, root file systems",
    Group.LOCKFILE: "folders, repositories",
    Group.ANYWHERE: "everywhere",
}


def main() -> None:
    """Writes the page."""
    PAGE.write_text(page())


def page() -> str:
    """The whole page."""
    return "\n".join(
        [
            "# Reference",
            "",
            "Generated from the declarations by `make docs`.",
            "",
            "## Options",
            "",
            "A flag comes before an environment variable, that before a key of the settings file (`vigie.yaml` or"
            " `trivy.yaml`), that before the default. `TRIVY_` variables are read where no `VIGIE_` one is set.",
            "",
            *_options(),
            "## Files that are read",
            "",
            "`--file-patterns` takes the names of the first column.",
            "",
            *_analyzers(),
            "## Ecosystems",
            "",
            *_ecosystems(),
            "## Distributions",
            "",
            *_distros(),
        ]
    )


def _options() -> Iterator[str]:
    yield "| option | environment | key | default | meaning |"
    yield "|---|---|---|---|---|"
    for setting in declared(Options.__struct_fields__):
        flag = setting.flag
        if flag.hidden:
            continue
        variable = "VIGIE_" + flag.name[2:].upper().replace("-", "_")
        short = f", `{flag.short}`" if flag.short else ""
        default = ",".join(map(str, setting.default)) if isinstance(setting.default, tuple) else str(setting.default)
        shown = f"`{default}`" if default not in ("", "False", "0", "0.0") else ""
        key = f"`{flag.key}`" if flag.key else ""
        yield f"| `{flag.name}`{short} | `{variable}` | {key} | {shown} | {_cell(flag.help)} |"
    yield ""


def _analyzers() -> Iterator[str]:
    yield "| analyzer | files | type in reports | read in |"
    yield "|---|---|---|---|"
    for analyzer in sorted(collect(Analyzer, plugs.PACKAGES[Analyzer]).values(), key=lambda a: (a.group.value, a.name)):
        globs = ", ".join(f"`{glob.removeprefix('**/')}`" for glob in analyzer.globs)
        files = globs or ("executables" if analyzer.reader is Reader.EXECUTABLE else "")
        type_ = f"`{analyzer.type}`" if analyzer.type else ""
        yield f"| `{analyzer.name}` | {_cell(files)} | {type_} | {READ_IN[analyzer.group]} |"
    yield ""


def _ecosystems() -> Iterator[str]:
    yield "| ecosystem | types | advisories | versions |"
    yield "|---|---|---|---|"
    for name, ecosystem in sorted(collect(Ecosystem, plugs.PACKAGES[Ecosystem]).items()):
        types = ", ".join(f"`{type_}`" for type_ in ecosystem.types)
        yield f"| {name} | {types} | {', '.join(ecosystem.osv)} | {ecosystem.ordering.name} |"
    yield ""


def _distros() -> Iterator[str]:
    yield "| family | packages | fixed versions only | last day of support by release |"
    yield "|---|---|---|---|"
    for name, distro in sorted(collect(Distro, plugs.PACKAGES[Distro]).items()):
        dates = ", ".join(f"{release} {day}" for release, day in list(distro.end_of_life.items())[-6:])
        yield f"| {name} | {distro.package_type} | {'no' if distro.report_unfixed else 'yes'} | {dates or 'rolling'} |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    main()
