"""SARIF 2.1.0 (OASIS, 2020), for forges and editors, in the peer's form.

Beyond it: real columns of secrets, fingerprints that stay the same when lines move, what was accepted as suppressions
(with `--show-suppressed`), and what could not be done as notifications.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

from vigie.formats.json_values import encoded, omit_empty
from vigie.formats.sarif_results import ROOT, results
from vigie.formats.sarif_rules import rule
from vigie.model.inventory import Problem
from vigie.model.report import Report
from vigie.scanner.writer import View, Writer

SCHEMA = "https://raw.githubusercontent.com/oasis-tcs/sarif-spec/main/sarif-2.1/schema/sarif-schema-2.1.0.json"


def write(report: Report, view: View, out: TextIO) -> None:
    """Writes the log. One result is in memory at a time, but all rules are."""
    rules = _rules(report)
    numbers = {id_: number for number, id_ in enumerate(rules)}
    driver = {"name": "Vigie", "fullName": "Vigie security scanner"} | omit_empty(("version", report.tool_version))
    driver["rules"] = list(rules.values())
    out.write(f'{{\n  "version": "2.1.0",\n  "$schema": "{SCHEMA}",\n  "runs": [\n    {{\n')
    out.write(f'      "tool": {encoded({"driver": driver}, "      ")},\n      "results": [')
    separator = "\n"
    for one in results(report, numbers):
        out.write(f"{separator}        {encoded(one, '        ')}")
        separator = ",\n"
    out.write("]" if separator == "\n" else "\n      ]")
    for key, value in _run(report).items():
        out.write(f',\n      "{key}": {encoded(value, "      ")}')
    out.write("\n    }\n  ]\n}\n")


writer = Writer("sarif", write)


def _rules(report: Report) -> dict[str, dict[str, Any]]:
    """The rules by id, those of findings first; of several findings the last has the say about texts, as with the
    peer."""
    rules = {finding.id: rule(finding, result.kind) for result in report.results for finding in result.findings}
    for result in report.results:
        for suppressed in result.suppressed:
            if suppressed.finding.id not in rules:
                rules[suppressed.finding.id] = rule(suppressed.finding, result.kind)
    return rules


def _run(report: Report) -> dict[str, Any]:
    """What stands beside the results."""
    image, repository = report.artifact.image, report.artifact.repository
    root = _root(report)
    return {
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not any(problem.fatal for problem in report.problems),
                "endTimeUtc": report.created,
            }
            | omit_empty(("toolExecutionNotifications", [_notification(problem) for problem in report.problems]))
        ],
    } | omit_empty(
        ("originalUriBaseIds", {ROOT: {"uri": root}} if root else {}),
        (
            "versionControlProvenance",
            [
                {"repositoryUri": repository.url}
                | omit_empty(("revisionId", repository.commit), ("branch", repository.branch))
            ]
            if repository is not None and re.match(r"[a-z+]+://", repository.url)
            else [],
        ),
        (
            "properties",
            {
                "imageID": image.id,
                "imageName": report.artifact.name,
                "repoDigests": image.digests,
                "repoTags": image.tags,
            }
            if image is not None
            else {},
        ),
    )


def _root(report: Report) -> str:
    """The folder that paths are relative to, as a URI; "" where it is no folder of this machine."""
    folder = Path(report.artifact.name)
    if report.artifact.image is not None or not folder.exists():
        return ""
    folder = folder.absolute() if folder.is_dir() else folder.absolute().parent
    path = quote(os.fsencode(os.path.normpath(folder)))
    return f"file://{path}" if path.endswith("/") else f"file://{path}/"


def _notification(problem: Problem) -> dict[str, Any]:
    text = f"{problem.where}: {problem.what}" + (f" ({problem.hint})" if problem.hint else "")
    return {"level": "error" if problem.fatal else "note" if problem.caution else "warning", "message": {"text": text}}
