"""Settings of container runtimes, and who is asked first about a path."""

from __future__ import annotations

import pytest

from vigie.errors import UsageError
from vigie.runtime.containers import shape
from vigie.runtime.containers.settings import ContainerSettings, from_init_config

ID = "30f383a4e8fd6a536e702b042b7e34c9ece73eeeec04c23432160851a82bf8af"
OTHER = "14a46ea35759230dff22e2f2831f76f709b0805f88e44e8453497c9d19fde80f"
SHORT = ID[:12]


@pytest.mark.parametrize(
    ("cgroup", "first"),
    [
        (f"/machine.slice/libpod-{ID}.scope/container", {"podman"}),
        (f"/docker/{ID}", {"docker"}),
        (f"/system.slice/docker-{ID}.scope", {"docker"}),
        (f"/kubepods.slice/kubepods-pod1.slice/cri-containerd-{ID}.scope", {"cri", "docker"}),
        (f"/k8s.io/{ID}", {"cri", "docker"}),
        (f"/{ID}", {"docker", "cri", "podman"}),
        ("/default/my-ctr", {"containerd"}),
        (
            f"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-{ID}.scope",
            {f"{name}:1000" for name in ("podman", "docker", "cri", "containerd")},
        ),
    ],
)
def test_who_is_asked_first(cgroup: str, first: set[str]) -> None:
    stages = shape.order(cgroup)
    assert stages[0] == first
    assert stages[-1] == {"users"}
    assert {"podman", "docker", "cri", "containerd"} <= set().union(*stages)


def test_full_ids_come_from_the_path() -> None:
    assert shape.full_id(SHORT, f"/machine.slice/libpod-{ID}.scope/container") == ID
    assert shape.full_id("a-long-name-", "/default/a-long-name-for-it") == "a-long-name-for-it"
    assert shape.full_id(SHORT, f"/docker/{OTHER}") == SHORT


def test_the_peers_settings() -> None:
    settings = from_init_config(
        {"engines": {"docker": {"enabled": False}, "cri": {"sockets": ["/x"]}}, "label_max_len": 7, "hooks": ["create"]}
    )
    assert not settings.engines.docker.enabled
    assert settings.engines.docker.sockets == ["/var/run/docker.sock"]
    assert (settings.engines.cri.enabled, settings.engines.cri.sockets) == (True, ["/x"])
    assert (settings.label_max_len, settings.with_size, settings.hooks) == (7, False, ["create"])
    assert from_init_config("") == from_init_config(None) == from_init_config("{}") == ContainerSettings()
    for wrong in (
        {"label_max_len": "x"},
        {"hooks": ["stop"]},
        [],
        "{",
        {"request_seconds": 0},
        {"engines": {"cri": 1}},
    ):
        with pytest.raises(UsageError, match="plugins: container: init_config"):
            from_init_config(wrong)


def test_an_unknown_key_is_said(caplog: pytest.LogCaptureFixture) -> None:
    from_init_config({"engines": {"docker": {"socket": "x"}}, "colour": 1})
    assert [record.args for record in caplog.records] == [("engines.docker.socket",), ("colour",)]
