"""Settings of the audit source: addresses, the peer's keys of init_config, and logs of JSON lines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vigie.errors import SourceError, UsageError
from vigie.runtime.rules.load import load
from vigie.runtime.rules.sources import library
from vigie.runtime.sources.k8s_audit import address, open_source, settings
from vigie.runtime.watch import Watch

WHERE = "http://127.0.0.1:0/k8s-audit"


def event(name: str) -> dict[str, Any]:
    return {
        "kind": "Event",
        "auditID": name,
        "stage": "ResponseComplete",
        "stageTimestamp": "2024-05-01T10:00:00.000001Z",
        "verb": "create",
        "user": {"username": "kubernetes-admin"},
        "objectRef": {"resource": "configmaps", "name": name, "namespace": "default"},
        "responseStatus": {"code": 201},
    }


def test_addresses() -> None:
    assert address("http://:9765/k8s-audit") == ("", 9765, "/k8s-audit")
    assert address("https://[::1]:9765") == ("::1", 9765, "/")
    for wrong in (
        "http://host/path",
        "http://host:99999/",
        "http://host:x/",
        "http://user@host:1/",
        "http://host:1/?a",
    ):
        with pytest.raises(UsageError):
            address(wrong)


def test_settings_that_are_wrong(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_text(" \n")
    wrong: list[tuple[str, Any]] = [
        ("", None),
        ("ftp://host:1/", None),
        (WHERE, "{"),
        (WHERE, "[]"),
        (WHERE, {"maxEventSize": "much"}),
        (WHERE, {"maxEventSize": 0}),
        (WHERE, {"sslCertificate": 7}),
        (WHERE, {"token_file": str(empty)}),
        (WHERE, {"token_file": str(tmp_path / "absent")}),
    ]
    for where, init in wrong:
        with pytest.raises((UsageError, SourceError)):
            open_source(Watch([]).engine, settings(where, init, {}))
    assert settings(WHERE, '{"maxEventSize": 7, "webhookMaxBatchSize": 99999999}', {}).max_body == 12 << 20


def test_logs_of_json_lines(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "audit.log"
    path.write_text(json.dumps(event("a")) + "\nnope\n" + json.dumps([event("b"), event("c")]))
    watch = Watch(load(list(library(("k8s_audit",)))).ruleset.sets)
    opened = open_source(watch.engine, settings(str(path), None, {}))
    names = []
    while (matches := watch.engine.next()) is not None:
        names += [match.fields["ka.target.name"] for match in matches]
    assert names == ["a", "b", "c"]
    opened.look()
    assert "audit.log, line 2: neither a JSON object nor an array" in caplog.text
    assert opened.counters()["bad_payloads"] == 1

    followed = open_source(watch.engine, settings(f"file://{path}", None, {}))
    assert watch.engine.next() == []
    with path.open("a") as file:
        file.write("\n" + json.dumps(event("d")) + "\n")
    assert [match.fields["ka.target.name"] for match in watch.engine.next() or []] == ["d"]
    followed.close()
    with pytest.raises(SourceError, match="No such file"):
        open_source(watch.engine, settings(str(tmp_path / "absent"), None, {}))
