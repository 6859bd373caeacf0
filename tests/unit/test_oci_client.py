"""The registry client against registries that misbehave."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.image import OCI_MANIFEST, Image, digest
from servers.fake_registry import Answer, Registry, Request, running
from vigie.errors import TargetError
from vigie.oci.client import Client, RegistryError, parse_reference
from vigie.settings.groups import RegistryOptions

IMAGE = Image({"etc/os-release": b"ID=alpine\n"}, {"big": bytes(range(256)) * 800})
BLOB = IMAGE.stored[1]
NAME = digest(BLOB)


@pytest.fixture(autouse=True)
def no_docker_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))


@pytest.fixture
def registry() -> Iterator[Registry]:
    with running() as server:
        server.add("team/app", "1", IMAGE)
        yield server


def client(options: RegistryOptions | None = None, **more: float) -> Client:
    return Client(options, **({"pause": 0.001, "stall": 2.0, "attempts": 3} | more))  # type: ignore[arg-type]


def download(registry: Registry, path: Path, size: int | None = None, name: str = NAME, **more: float) -> bytes:
    with client(**more) as asking:
        asking.blob_to_file(
            parse_reference(f"{registry.host}/team/app"), name, path, len(BLOB) if size is None else size
        )
    return path.read_bytes()


def manifest(
    registry: Registry, name: str = "team/app:1", options: RegistryOptions | None = None, **more: float
) -> str:
    with client(options, **more) as asking:
        return asking.manifest(parse_reference(f"{registry.host}/{name}"))[0].digest


def test_a_manifest_by_tag_and_by_digest(registry: Registry) -> None:
    assert manifest(registry) == digest(IMAGE.manifest)
    assert manifest(registry, f"team/app@{digest(IMAGE.manifest)}") == digest(IMAGE.manifest)


def test_an_unknown_image_is_named_with_the_registrys_words(registry: Registry) -> None:
    with pytest.raises(RegistryError, match=r"has no team/nothing:latest \(not here\)") as caught:
        manifest(registry, "team/nothing")
    assert caught.value.status == 404
    assert len(registry.asked("/manifests/")) == 1


def test_a_manifest_that_is_not_what_its_digest_says_is_refused(registry: Registry) -> None:
    wanted = digest(b"something else")
    registry.manifests[f"team/app/manifests/{wanted}"] = (OCI_MANIFEST, IMAGE.manifest)
    with pytest.raises(TargetError, match=f"its digest is {digest(IMAGE.manifest)}, not {wanted}"):
        manifest(registry, f"team/app@{wanted}")


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b'{"schemaVersion": 1, "fsLayers": []}', "schema 1"),
        (b'{"schemaVersion": 2, "manifests": [], "layers": []}', "image and an index at once"),
        (b'{"schemaVersion": 2}', "neither an image manifest nor an index"),
        (b"[]", "not a JSON object"),
        (b"<html>", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
    ],
)
def test_documents_that_are_no_manifest(registry: Registry, document: bytes, why: str) -> None:
    registry.manifests["team/app/manifests/bad"] = ("application/json", document)
    with pytest.raises(TargetError, match=why):
        manifest(registry, "team/app:bad")


def test_a_huge_manifest_is_not_read(registry: Registry) -> None:
    registry.manifests["team/app/manifests/huge"] = (OCI_MANIFEST, b" " * (5 << 20))
    with pytest.raises(RegistryError, match="sends more than 4194304 bytes"):
        manifest(registry, "team/app:huge")


def test_a_busy_registry_is_asked_again_after_the_time_it_names(registry: Registry) -> None:
    answers = [Answer(429, headers={"Retry-After": "1"}), Answer(503)]
    registry.hook = lambda request: answers.pop(0) if "/manifests/" in request.path and answers else None
    started = time.monotonic()
    assert manifest(registry) == digest(IMAGE.manifest)
    assert 1.0 <= time.monotonic() - started < 2.0
    assert len(registry.asked("/manifests/")) == 3


def test_a_registry_that_wants_an_hour_is_not_waited_for(registry: Registry) -> None:
    registry.hook = lambda request: (
        Answer(429, headers={"Retry-After": "3600"}) if "/manifests/" in request.path else None
    )
    with pytest.raises(RegistryError, match="limits how much may be downloaded") as caught:
        manifest(registry)
    assert caught.value.temporary
    assert len(registry.asked("/manifests/")) == 1


def test_a_registry_that_stays_broken_is_given_up(registry: Registry) -> None:
    registry.hook = lambda request: Answer(503) if "/manifests/" in request.path else None
    with pytest.raises(RegistryError, match="answered 503"):
        manifest(registry)
    assert len(registry.asked("/manifests/")) == 3


def test_a_stalled_registry_times_out(registry: Registry) -> None:
    registry.hook = lambda request: Answer(stall=True) if "/manifests/" in request.path else None
    started = time.monotonic()
    with pytest.raises(RegistryError, match="no answer in time"):
        manifest(registry, stall=0.2, attempts=2)
    assert time.monotonic() - started < 2


def test_the_time_for_everything_is_bounded(registry: Registry) -> None:
    registry.hook = lambda request: Answer(503) if "/manifests/" in request.path else None
    with pytest.raises(RegistryError, match="the time allowed is over"):
        manifest(registry, seconds=0.3, attempts=1000, pause=0.05)


def test_a_blob_continues_where_it_broke(registry: Registry, tmp_path: Path) -> None:
    cuts = [50_000, 40_000]

    def hook(request: Request) -> Answer | None:
        if "/blobs/" not in request.path or not cuts:
            return None
        answer = registry.ranged(request, BLOB_BYTES)
        answer.cut_after = cuts.pop(0)
        return answer

    BLOB_BYTES = bytes(range(256)) * 800
    name = digest(BLOB_BYTES)
    registry.blobs[f"team/app/blobs/{name}"] = BLOB_BYTES
    registry.hook = hook
    assert download(registry, tmp_path / "blob", len(BLOB_BYTES), name) == BLOB_BYTES
    ranges = [request.headers.get("range") for request in registry.asked("/blobs/")]
    assert ranges[0] is None
    assert len(ranges) == 3
    assert [int(text[6:-1]) > 0 for text in ranges[1:] if text] == [True, True]


def test_a_server_without_ranges_starts_again(registry: Registry, tmp_path: Path) -> None:
    cuts = [len(BLOB) // 2]

    def hook(request: Request) -> Answer | None:
        if "/blobs/" not in request.path:
            return None
        return Answer(200, BLOB, cut_after=cuts.pop() if cuts else None)

    registry.hook = hook
    assert download(registry, tmp_path / "blob") == BLOB


def test_a_part_that_starts_elsewhere_is_not_joined(registry: Registry, tmp_path: Path) -> None:
    def hook(request: Request) -> Answer | None:
        if "/blobs/" not in request.path:
            return None
        if "range" in request.headers:
            return Answer(206, BLOB[1:], headers={"Content-Range": f"bytes 1-{len(BLOB) - 1}/{len(BLOB)}"})
        return Answer(200, BLOB, cut_after=100 if len(registry.asked("/blobs/")) < 3 else None)

    registry.hook = hook
    assert download(registry, tmp_path / "blob") == BLOB


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (Answer(200, BLOB[:-1]), "ends after"),
        (Answer(200, BLOB + b"x"), "sends more than"),
        (Answer(200, BLOB, declared=len(BLOB) + 5), "sends more than"),
        (Answer(200, b"x" * len(BLOB)), f"{NAME} arrived with the digest"),
        (Answer(404), "has no"),
        (Answer(500), "answered 500"),
    ],
    ids=["short", "long", "length lies", "other content", "absent", "broken"],
)
def test_a_wrong_blob_leaves_nothing_behind(registry: Registry, tmp_path: Path, answer: Answer, why: str) -> None:
    registry.hook = lambda request: answer if "/blobs/" in request.path else None
    with pytest.raises(TargetError, match=why):
        download(registry, tmp_path / "blob")
    assert list(tmp_path.iterdir()) == []
    assert len(registry.asked("/blobs/")) <= 3


def test_a_blob_without_a_promised_size_is_still_verified(registry: Registry, tmp_path: Path) -> None:
    with client() as asking:
        reference = parse_reference(f"{registry.host}/team/app")
        assert asking.blob_to_file(reference, NAME, tmp_path / "blob") == len(BLOB)
        assert asking.blob(reference, digest(IMAGE.config), 1 << 20) == IMAGE.config
        registry.blobs[f"team/app/blobs/{NAME}"] = b"x"
        with pytest.raises(TargetError, match="its digest is"):
            asking.blob(reference, NAME, 100)


def test_redirects_go_round_in_circles_only_so_often(registry: Registry) -> None:
    registry.hook = lambda request: (
        Answer(302, headers={"Location": request.path}) if "/manifests/" in request.path else None
    )
    with pytest.raises(RegistryError, match="redirects more than 5 times"):
        manifest(registry)
    assert len(registry.asked("/manifests/")) == 6


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x", "https:///x"])
def test_redirects_stay_in_the_web(registry: Registry, location: str) -> None:
    registry.hook = lambda request: (
        Answer(302, headers={"Location": location}) if "/manifests/" in request.path else None
    )
    with pytest.raises(RegistryError):
        manifest(registry)
    assert len(registry.asked("/manifests/")) == 1


def with_basic(user: str, password: str) -> RegistryOptions:
    return RegistryOptions(usernames=(user,), passwords=(password,))


def test_a_redirect_to_another_host_carries_no_credentials(registry: Registry, tmp_path: Path) -> None:
    with running() as other:
        other.hook = lambda request: Answer(200, BLOB)

        def hook(request: Request) -> Answer | None:
            if "authorization" not in request.headers and "/team/" in request.path:
                return Answer(401, headers={"WWW-Authenticate": 'Basic realm="x"'})
            if "/blobs/" in request.path:
                return Answer(307, headers={"Location": f"http://{other.host}/cdn?signed=1"})
            return None

        registry.hook = hook
        with client(with_basic("me", "secret")) as asking:
            asking.blob_to_file(parse_reference(f"{registry.host}/team/app"), NAME, tmp_path / "blob", len(BLOB))
        assert (tmp_path / "blob").read_bytes() == BLOB
        assert registry.requests[-1].headers["authorization"].startswith("Basic ")
        assert [request.headers.get("authorization") for request in other.requests] == [None]


def test_basic_credentials_are_tried_in_order(registry: Registry) -> None:
    right = "Basic " + base64.b64encode(b"b:2").decode()

    def hook(request: Request) -> Answer | None:
        if "/team/" in request.path and request.headers.get("authorization") != right:
            return Answer(401, headers={"WWW-Authenticate": 'Basic realm="registry"'})
        return None

    registry.hook = hook
    options = RegistryOptions(usernames=("a", "b"), passwords=("1", "2"))
    assert manifest(registry, options=options) == digest(IMAGE.manifest)
    for wrong in (RegistryOptions(), with_basic("a", "1")):
        with pytest.raises(RegistryError, match="denies access to team/app") as caught:
            manifest(registry, options=wrong)
        assert "registry login" in caught.value.hint
        assert caught.value.status == 401


def token_hook(realm_host: str) -> tuple[list[str], object]:
    """A registry whose tokens come from `realm_host`; returns the tokens that are valid, and its hook."""
    valid: list[str] = []

    def hook(request: Request) -> Answer | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not request.path.startswith("/v2/team/") or token in valid:
            return None
        challenge = f'Bearer realm="http://{realm_host}/token",service="reg, istry",scope="repository:team/app:pull"'
        return Answer(401, headers={"WWW-Authenticate": challenge})

    return valid, hook


def test_a_token_comes_from_the_realm_on_another_host_and_stays_with_the_registry(registry: Registry) -> None:
    with running() as realm:
        valid, hook = token_hook(realm.host)
        registry.hook = hook  # type: ignore[assignment]

        def give(request: Request) -> Answer:
            wanted = "Basic " + base64.b64encode(b"me:secret").decode()
            if request.headers.get("authorization") != wanted:
                return Answer(401)
            valid.append(f"token{len(valid)}")
            return Answer(200, json.dumps({"token": valid[-1], "expires_in": 300}).encode())

        realm.hook = give
        with client(with_basic("me", "secret")) as asking:
            reference = parse_reference(f"{registry.host}/team/app:1")
            asking.manifest(reference)
            asking.blob(reference, digest(IMAGE.config), 1 << 20)
            assert len(realm.requests) == 1
            assert "service=reg%2C+istry" in realm.requests[0].path
            assert "scope=repository%3Ateam%2Fapp%3Apull" in realm.requests[0].path
            valid.clear()  # expired early: asked for once more
            asking.manifest(reference)
        assert len(realm.requests) == 2
        assert all("Basic" not in request.headers.get("authorization", "") for request in registry.requests)
        with pytest.raises(RegistryError, match="denies access"):
            manifest(registry, options=with_basic("me", "wrong"))


@pytest.mark.parametrize(
    ("realm", "why"),
    [
        ("file:///etc/passwd", "no usable place for tokens"),
        ("http://tokens.example.invalid/", "plain http"),
        ("https://user:pw@x/", "no usable place"),
    ],
)
def test_credentials_go_to_no_strange_realm(registry: Registry, realm: str, why: str) -> None:
    registry.hook = lambda request: Answer(401, headers={"WWW-Authenticate": f'Bearer realm="{realm}",service="x"'})
    with pytest.raises(RegistryError, match=why):
        manifest(registry, options=with_basic("me", "secret"))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"token": 5}', b'{"token": "a\\r\\nb: c"}', b"x" * (2 << 20)])
def test_a_useless_token_is_said(registry: Registry, body: bytes) -> None:
    _, hook = token_hook(registry.host)
    registry.hook = lambda request: Answer(200, body) if request.path.startswith("/token") else hook(request)  # type: ignore[operator]
    with pytest.raises(RegistryError, match=r"without a token|sends more than"):
        manifest(registry)


def test_a_bearer_token_of_the_options_is_sent_at_once(registry: Registry) -> None:
    registry.hook = lambda request: (
        None if request.headers.get("authorization") == "Bearer abc" or request.path == "/v2/" else Answer(401)
    )
    assert manifest(registry, options=RegistryOptions(token="abc")) == digest(IMAGE.manifest)
    assert len(registry.asked("/manifests/")) == 1


def test_mirrors_are_asked_first_and_blobs_follow(registry: Registry, tmp_path: Path) -> None:
    with running() as mirror:
        mirror.add("proxy/team/app", "1", IMAGE)
        options = RegistryOptions(mirrors={registry.host: ("127.0.0.1:1", f"{mirror.host}/proxy")})
        with client(options) as asking:
            reference = parse_reference(f"{registry.host}/team/app:1")
            asking.manifest(reference)
            asking.blob_to_file(reference, NAME, tmp_path / "blob", len(BLOB))
        assert registry.requests == []
        mirror.manifests.clear()
        assert manifest(registry, options=options) == digest(IMAGE.manifest)


def test_plain_http_is_for_this_machine_or_insecure() -> None:
    from vigie.oci.tokens import plain_is_fine

    for host in ("localhost", "localhost:5000", "127.0.0.1:80", "127.8.8.8", "[::1]:5000", "app.localhost"):
        assert plain_is_fine(host, False), host
    for host in ("example.org", "127.0.0.1.example.org:80", "localhost.example.org", "10.0.0.1", "[::2]"):
        assert not plain_is_fine(host, False), host
        assert plain_is_fine(host, True), host
