"""Runs gitleaks and Trivy over the cases in `tests/data/secrets`, and writes down what they find.

    python -m builders.secret_peers gitleaks /path/to/gitleaks VERSION
    python -m builders.secret_peers trivy /path/to/trivy VERSION

in `tests/`; the tests themselves need neither program.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from vigie.secrets.examples import fill

DATA = Path(__file__).parents[1] / "data/secrets"

Found = list[tuple[str, str, int]]
"""Rule, file and line."""


def cases(program: str) -> list[dict[str, Any]]:
    """The cases for one program."""
    found: list[dict[str, Any]] = yaml.safe_load((DATA / program / "cases.yaml").read_text())
    return found


def expected(program: str) -> dict[str, Found]:
    """What the program found, by the name of the case."""
    return {
        name: [(rule, file, line) for rule, file, line in found]
        for name, found in json.loads((DATA / program / "expected.json").read_text())["found"].items()
    }


def plant(case: dict[str, Any], folder: Path) -> Path:
    """Makes `src` with the files of a case, and the files beside it."""
    source = folder / "src"
    for path, text in case["files"].items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(fill(text, case["name"] + path).encode())
    for name, text in case.get("beside", {}).items():
        (folder / name).write_text(text)
    return source


def gitleaks(program: str, case: dict[str, Any], folder: Path) -> Found:
    """What gitleaks finds in a case."""
    source, report = plant(case, folder), folder / "report.json"
    (folder / "config.toml").write_text(case["config"])
    command = [program, "dir", ".", "--no-banner", "-c", "../config.toml", "-f", "json", "-r", str(report)]
    done = subprocess.run([*command, "--max-decode-depth", "0"], cwd=source, capture_output=True, check=False)
    if not report.exists():
        raise ValueError(f"{case['name']}: {done.stderr.decode()}")
    return sorted((one["RuleID"], one["File"], one["StartLine"]) for one in json.loads(report.read_bytes()))


def trivy(program: str, case: dict[str, Any], folder: Path) -> Found:
    """What Trivy finds in a case."""
    source = plant(case, folder)
    (folder / "config.yaml").write_text(case["config"])
    command = [program, "fs", "--scanners", "secret", "--secret-config", str(folder / "config.yaml"), "-f", "json"]
    command += ["--skip-version-check", "--offline-scan", "--cache-dir", str(folder / "cache"), "."]
    done = subprocess.run(command, cwd=source, capture_output=True, check=False)
    if done.returncode:
        raise ValueError(f"{case['name']}: {done.stderr.decode()}")
    results = json.loads(done.stdout).get("Results", [])
    return sorted((one["RuleID"], each["Target"], one["StartLine"]) for each in results for one in each["Secrets"])


def main() -> None:
    """Runs one program and writes its expected file."""
    name, program, version = sys.argv[1:]
    run = {"gitleaks": gitleaks, "trivy": trivy}[name]
    found = {}
    for case in cases(name):
        with tempfile.TemporaryDirectory() as folder:
            found[case["name"]] = run(program, case, Path(folder))
    lines = ",\n".join(f"  {json.dumps(case)}: {json.dumps(one)}" for case, one in found.items())
    text = f'{{\n "program": {json.dumps(f"{name} {version}")},\n "found": {{\n{lines}\n }}\n}}\n'
    (DATA / name / "expected.json").write_text(text)


if __name__ == "__main__":
    main()
