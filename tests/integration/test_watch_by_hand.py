"""`vigie watch` on captures made by hand: the workshop's pod, hostile names, audit events, containers' suggested
fields."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from builders.activity import CONTAINER, CREATE, START, WRITE, Activity
from program import Program

CUSTOM = Path(__file__).parent.parent / "data" / "rules_tests" / "custom-rules.yaml"
AUDIT_PLUGIN = 1


@pytest.fixture
def vigie(tmp_path: Path) -> Program:
    program = Program(tmp_path / "vigie")
    program.environment |= {"TZ": "UTC0", "FALCO_HOSTNAME": "node-1"}
    return program


def watched(vigie: Program, activity: Activity, *arguments: str | Path) -> list[dict[str, Any]]:
    activity.save(vigie.work / "made.scap")
    ended = vigie.run("watch", "--replay", "made.scap", "-o", "json_output=true", *arguments)
    assert ended.status == 0
    # What is said of rule files: a deprecated field in the workshop's rule, rules of a source that is off.
    assert all(line.endswith(": 1 warning, see vigie watch -V") for line in ended.err.splitlines()), ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def rule(condition: str, output: str, **more: Any) -> str:
    """A rules file with one rule, which is JSON and so YAML."""
    item = {"rule": "Own", "desc": "d", "condition": condition, "output": output, "priority": "NOTICE", **more}
    return json.dumps([item])


def test_the_workshops_pod(vigie: Program) -> None:
    """Step A9: touch /etc/test_file_for_falco_rule in a pod; every field of the output is filled."""
    activity = Activity()
    activity.container(
        CONTAINER,
        name="nginx",
        image="docker.io/library/nginx:1.27",
        imagerepo="docker.io/library/nginx",
        imagetag="1.27",
        labels={"io.kubernetes.pod.name": "nginx-7d9", "io.kubernetes.pod.namespace": "default"},
    )
    parents = [activity.process("systemd", container=CONTAINER)]
    for comm in ("containerd-shim", "runc", "sh"):
        parents.append(activity.process(comm, parent=parents[-1], container=CONTAINER))
    touch = activity.process(
        "touch", "/etc/test_file_for_falco_rule", parent=parents[-1], container=CONTAINER, loginuid=1000, tty=34816
    )
    time = activity.open(touch, "/etc/test_file_for_falco_rule", WRITE | CREATE, 0o644)
    # Neither reading below /etc, nor writing elsewhere, nor a call that failed.
    activity.open(touch, "/etc/hosts")
    activity.open(touch, "/srv/etc/x", WRITE)
    activity.event("openat", touch, fd=-13, dirfd=-100, name="/etc/refused", flags=WRITE)
    (alert,) = watched(vigie, activity, "-r", CUSTOM, "-o", "json_include_message_property=true")
    assert (alert["rule"], alert["priority"], alert["hostname"]) == ("Write below etc", "Warning", "node-1")
    assert (
        alert["output_fields"]
        == {
            "evt.time": time,
            "fd.name": "/etc/test_file_for_falco_rule",
            "proc.pcmdline": "sh",
            "proc.aname[2]": "runc",
            "proc.aname[3]": "containerd-shim",
            "proc.aname[4]": "systemd",
            "evt.type": "openat",
            "user.name": alert["output_fields"]["user.name"],  # of the machine's own list of users
            "user.uid": 0,
            "user.loginuid": 1000,
            "proc.name": "touch",
            "proc.exepath": "/usr/bin/touch",
            "proc.pname": "sh",
            "proc.cmdline": "touch /etc/test_file_for_falco_rule",
            "proc.tty": 34816,
            "container.id": CONTAINER[:12],
            "container.name": "nginx",
            "container.image.repository": "docker.io/library/nginx",
            "container.image.tag": "1.27",
            "k8s.pod.name": "nginx-7d9",
            "k8s.ns.name": "default",
        }
    )
    assert alert["message"].endswith(
        f" container_id={CONTAINER[:12]} container_name=nginx container_image_repository=docker.io/library/nginx"
        " container_image_tag=1.27 k8s_pod_name=nginx-7d9 k8s_ns_name=default"
    )


def test_hostile_names_break_no_line(vigie: Program) -> None:
    activity = Activity()
    name = b'/etc/\x1b[31m\x01\n\r\t\b\f"quoted"\\ \xff\xfe \xe2\x80\xae \xc3\xa9'
    activity.event("openat", activity.process("evil"), fd=5, dirfd=-100, name=name + b"\0", flags=WRITE)
    (vigie.work / "own.yaml").write_text(rule("evt.type = openat", "opened %fd.name"))
    (alert,) = watched(vigie, activity, "-r", "own.yaml", "-o", "append_output=[]")
    shown = name.decode(errors="replace")
    assert alert["output_fields"]["fd.name"] == shown
    assert alert["output"].endswith(f": Notice opened {shown}")
    for arguments in ([], ["-o", "json_output=true"]):
        ended = vigie.run("watch", "--replay", "made.scap", "-r", "own.yaml", *arguments)
        assert ended.out.count("\n") == 1
        assert ended.out.endswith("\n")
        assert not any(char < " " for char in ended.out[:-1])
    text = vigie.run("watch", "--replay", "made.scap", "-r", "own.yaml", "-o", "append_output=[]").out
    escaped = '/etc/\\u001b[31m\\u0001\\n\\r\\t\\b\\f\\"quoted\\"\\\\ \ufffd\ufffd \u202e é'
    assert text.endswith(f": Notice opened {escaped}\n")


def test_missing_values(vigie: Program) -> None:
    """<NA> in text, null in JSON; a text without end by itself."""
    activity = Activity()
    activity.event("openat", activity.process("a"), fd=-2, dirfd=-100, name="/absent", flags=1)
    (vigie.work / "own.yaml").write_text(rule("evt.type = openat", "%fd.name %evt.res %proc.aname[7] %6proc.name|"))
    (alert,) = watched(vigie, activity, "-r", "own.yaml", "-o", "append_output=[]")
    assert alert["output"].endswith(": Notice /absent ENOENT <NA> a     |")
    fields = alert["output_fields"]
    assert (fields["fd.name"], fields["evt.res"], fields["proc.aname[7]"], fields["proc.name"]) == (
        "/absent",
        "ENOENT",
        None,
        "a",
    )


def test_audit_events_are_told_apart(vigie: Program) -> None:
    activity = Activity()
    for name in ("one", "two"):
        event = {
            "kind": "Event",
            "auditID": name,
            "stage": "ResponseComplete",
            "verb": "create",
            "user": {"username": f"user-{name}", "groups": ["a", "b"]},
            "objectRef": {"resource": "configmaps", "name": name, "namespace": "default"},
            "responseStatus": {"code": 201},
        }
        activity.event("pluginevent", -1, plugin_id=AUDIT_PLUGIN, event_data=json.dumps(event).encode())
    activity.open(activity.process("cat"), "/etc/shadow")
    text = rule("ka.verb = create", "%ka.user.name made %ka.target.name %ka.user.groups", source="k8s_audit")
    (vigie.work / "own.yaml").write_text(text)
    one, two = watched(vigie, activity, "-r", "own.yaml")
    assert (one["source"], two["source"]) == ("k8s_audit", "k8s_audit")
    assert one["output"].endswith(": Notice user-one made one (a,b)")
    assert two["output"].endswith(": Notice user-two made two (a,b)")
    assert one["output_fields"] == {
        "evt.time": START + 1_000_000,
        "ka.user.name": "user-one",
        "ka.target.name": "one",
        "ka.user.groups": ["a", "b"],
    }
    assert watched(vigie, activity, "-r", "own.yaml", "--disable-source", "k8s_audit") == []


def test_sources_are_enabled_one_by_one(vigie: Program) -> None:
    activity = Activity()
    activity.open(activity.process("cat"), "/etc/shadow")
    (vigie.work / "own.yaml").write_text(rule("evt.type = openat", "x"))
    assert len(watched(vigie, activity, "-r", "own.yaml", "--enable-source", "syscall")) == 1
    assert watched(vigie, activity, "-r", "own.yaml", "--disable-source", "syscall") == []


def test_reasons_for_an_event_made_by_hand(vigie: Program) -> None:
    activity = Activity()
    time = activity.open(activity.process("cat", "/etc/hosts"), "/etc/hosts")
    activity.save(vigie.work / "made.scap")
    ended = vigie.run("rules", "why", "--replay", "made.scap", "-r", CUSTOM, "--time", str(time))
    assert ended.status == 0
    lines = ended.out.splitlines()
    assert lines[0].startswith("event ")
    assert ": openat of cat, thread " in lines[0]
    assert "Write below etc: does not match" in lines
    assert "  false     evt.is_open_write = true   [false]" in lines
    assert not any("fd.name startswith" in line for line in lines), "what holds is not shown"
    full = vigie.run("rules", "why", "--replay", "made.scap", "-r", CUSTOM, "--time", str(time), "--full").out
    assert "  true    fd.name startswith /etc   [/etc/hosts]" in full.splitlines()
