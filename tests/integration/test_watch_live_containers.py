"""What both workshops do in a container, in real ones: the alert names container and image."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from live import Live, watching, why_not
from servers import container_runtimes
from servers.container_runtimes import IMAGE, Runtime

pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(why_not()), reason=why_not())]

NAMES: dict[str, Callable[[Path], AbstractContextManager[Runtime]]] = {
    "docker": container_runtimes.dockerd,
    "podman": container_runtimes.podman,
    "containerd": container_runtimes.containerd,
}
REPOSITORY, TAG = IMAGE.rsplit(":", 1)
NATIVE = "--snapshotter=native"
RULES = """
- rule: Write below etc
  desc: An attempt to write to any file below /etc
  condition: >
    evt.type in (open, openat, openat2) and evt.is_open_write=true and fd.typechar='f' and fd.num>=0
    and fd.name startswith /etc
  output: >
    File below /etc opened for writing (file=%fd.name pcmdline=%proc.pcmdline gparent=%proc.aname[2]
    ggparent=%proc.aname[3] gggparent=%proc.aname[4] evt_type=%evt.type user=%user.name user_uid=%user.uid
    user_loginuid=%user.loginuid process=%proc.name proc_exepath=%proc.exepath parent=%proc.pname
    command=%proc.cmdline terminal=%proc.tty %container.info)
  priority: WARNING
  tags: [filesystem, mitre_persistence]
"""


class Host(NamedTuple):
    """A watch, and the runtimes that run, or why one does not."""

    live: Live
    runtimes: dict[str, Runtime | str]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    runtimes: dict[str, Runtime | str] = {}
    with ExitStack() as opened:
        for name, start in NAMES.items():
            if why := container_runtimes.why_not(name):
                runtimes[name] = why
                continue
            try:
                runtimes[name] = opened.enter_context(start(tmp_path_factory.mktemp(name[0])))
            except pytest.skip.Exception as skipped:
                runtimes[name] = str(skipped)
        engines: dict[str, Any] = {name: {"enabled": False} for name in ("docker", "podman", "cri", "containerd")}
        for name, runtime in runtimes.items():
            if isinstance(runtime, Runtime):
                engines[name] = {"enabled": True, "sockets": [str(runtime.socket)]}
        rules = tmp_path_factory.mktemp("rules") / "custom-rules.yaml"
        rules.write_text(RULES)
        plugins = [{"name": "container", "init_config": {"engines": engines}}]
        folder = tmp_path_factory.mktemp("live") / "vigie"
        with watching(
            folder, *("--library", "stable", "-r", rules), plugins=plugins, container_wait="5s", rule_matching="all"
        ) as live:
            yield Host(live, runtimes)
            ended = live.end()
            assert ended.status == 0
            assert "Traceback" not in ended.err


@pytest.fixture(params=NAMES)
def runtime(request: pytest.FixtureRequest, host: Host) -> Runtime:
    found = host.runtimes[request.param]
    if isinstance(found, str):
        pytest.skip(found)
    return found


def alert(live: Live, rule: str, **fields: str) -> dict[str, Any]:
    """The one alert of a rule with such fields, when it has come; `_` stands for a dot in their names."""

    def found() -> list[dict[str, Any]]:
        wanted = {name.replace("_", "."): value for name, value in fields.items()}
        return [
            one["output_fields"]
            for one in live.alerts()
            if one["rule"] == rule and wanted.items() <= one["output_fields"].items()
        ]

    (only,) = live.until(found)
    said: dict[str, Any] = only
    return said


def test_both_triggers_name_container_and_image(host: Host, runtime: Runtime) -> None:
    name = f"web-{runtime.name}"
    if runtime.name == "containerd":
        runtime.run("run", "-d", NATIVE, IMAGE, name, "/bin/sleep", "60")
        id = name[:12]
        execute = ("tasks", "exec", "--exec-id")
        commands = [(*execute, "one", name, "cat", "/etc/shadow")]
        commands.append((*execute, "two", name, "touch", "/etc/test_file_for_falco_rule"))
    else:
        id = runtime.run("run", "-d", "--network=none", f"--name={name}", IMAGE, "/bin/sleep", "60")[:12]
        commands = [("exec", name, "cat", "/etc/shadow"), ("exec", name, "touch", "/etc/test_file_for_falco_rule")]
    for command in commands:
        runtime.run(*command)
    named = {
        "container.id": id,
        "container.name": id if runtime.name == "containerd" else name,
        "container.image.repository": REPOSITORY,
        "container.image.tag": TAG,
    }
    read = alert(host.live, "Read sensitive file untrusted", container_id=id)
    assert read.items() >= {**named, "fd.name": "/etc/shadow", "proc.name": "cat", "user.uid": 0}.items()
    written = alert(host.live, "Write below etc", container_id=id, proc_name="touch")
    assert written.items() >= {**named, "fd.name": "/etc/test_file_for_falco_rule", "user.name": "root"}.items()
    assert written["proc.cmdline"] == "touch /etc/test_file_for_falco_rule"
    assert "vigie.container_missing" not in read
    assert "vigie.container_missing" not in written


def test_a_container_that_lives_for_milliseconds_is_named(host: Host, runtime: Runtime) -> None:
    name = f"brief-{runtime.name}"[:12]
    command = ("/bin/cat", "/etc/shadow")
    if runtime.name == "containerd":
        runtime.run("run", "--rm", NATIVE, IMAGE, name, *command)
    else:
        runtime.run("run", "--rm", "--network=none", f"--name={name}", IMAGE, *command)
    read = alert(host.live, "Read sensitive file untrusted", container_name=name)
    assert (read["container.image.repository"], read["container.image.tag"]) == (REPOSITORY, TAG)
    assert (read["proc.name"], read["fd.name"]) == ("cat", "/etc/shadow")
    assert read["container.id"] not in ("host", "")
