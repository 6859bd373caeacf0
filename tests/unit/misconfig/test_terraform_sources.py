"""Where modules come from: folders, a manifest, and servers, all of whose hosts one proxy plays."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from vigie.errors import VigieError
from vigie.http import Session
from vigie.misconfig.languages.terraform import download
from vigie.misconfig.languages.terraform.addresses import Address, AddressError, parse
from vigie.misconfig.languages.terraform.archives import unpack
from vigie.misconfig.languages.terraform.download import Downloader, DownloadError, FolderFiles, shown
from vigie.misconfig.languages.terraform.module_registry import Registry, RegistryError, meets, token, version_key
from vigie.misconfig.languages.terraform.sources import Place, Sources
from vigie.settings.groups import MisconfigOptions

GITHUB = "https://github.com/hashicorp/example.git"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("hashicorp/consul/aws", Address("registry", "hashicorp/consul/aws", host="registry.terraform.io")),
        (
            "hashicorp/consul/aws//modules/x",
            Address("registry", "hashicorp/consul/aws", "modules/x", host="registry.terraform.io"),
        ),
        ("app.example.com/corp/k8s/azurerm", Address("registry", "corp/k8s/azurerm", host="app.example.com")),
        ("github.com/hashicorp/example", Address("git", GITHUB)),
        ("github.com/hashicorp/example//a/b?ref=v1", Address("git", GITHUB, "a/b", ref="v1")),
        ("bitbucket.org/owner/name", Address("git", "https://bitbucket.org/owner/name.git")),
        ("gitlab.com/owner/name", Address("git", "https://gitlab.com/owner/name.git")),
        ("git@github.com:hashicorp/example.git", Address("git", "ssh://git@github.com/hashicorp/example.git")),
        ("git::https://example.com/vpc.git", Address("git", "https://example.com/vpc.git")),
        ("git::ssh://username@example.com/storage.git", Address("git", "ssh://username@example.com/storage.git")),
        ("git::username@example.com:storage.git", Address("git", "ssh://username@example.com/storage.git")),
        ("git::https://example.com/network.git//modules/vpc?depth=1&ref=v1.2.0",
         Address("git", "https://example.com/network.git", "modules/vpc", ref="v1.2.0")),
        ("https://example.com/vpc-module.zip", Address("archive", "https://example.com/vpc-module.zip", format=".zip")),
        ("https://example.com/vpc?archive=zip", Address("archive", "https://example.com/vpc", format=".zip")),
        ("https://example.com/x.tar.gz//sub?checksum=md5:ab",
         Address("archive", "https://example.com/x.tar.gz", "sub", format=".tar.gz", checksum="md5:ab")),
        ("https://example.com/vpc-module", Address("http", "https://example.com/vpc-module")),
    ],
)  # fmt: skip
def test_addresses_of_the_documentation(source: str, expected: Address) -> None:
    assert parse(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        *(
            "s3::https://s3-eu-west-1.amazonaws.com/bucket/vpc.zip",
            "gcs::https://www.googleapis.com/storage/v1/m/f.zip",
        ),
        *(
            "hg::http://example.com/vpc.hg",
            "file:///etc",
            "/etc",
            "git::file:///etc/repo",
            "git::/etc/repo",
            "x",
            "a/b",
        ),
        *("git::https://example.com/x.git//../../y", "git::ext::sh -c id", "git::https://-oProxyCommand=x/y"),
        *("git::https://example.com/x.git?ref=--upload-pack=x", "github.com/a", "git::-u@host:path", "ftp://a/b.zip"),
    ],
)
def test_refused_addresses(source: str) -> None:
    with pytest.raises(AddressError):
        parse(source)


@pytest.mark.parametrize(
    ("constraint", "met", "unmet"),
    [
        ("1.2.0", ["1.2.0"], ["1.2.1"]),
        ("= 1.2", ["1.2.0"], ["1.2.1"]),
        (">= 1.2.0, < 2.0.0", ["1.2.0", "1.9.9"], ["1.1.9", "2.0.0", "1.5.0-beta1"]),
        ("~> 1.0.4", ["1.0.5", "1.0.10"], ["1.1.0", "1.0.3"]),
        ("~> 1.1", ["1.2.0", "1.10.0"], ["2.0.0", "1.0.9"]),
        ("~> 1", ["1.9.0"], ["2.0.0"]),
        ("!= 1.0.0", ["1.0.1"], ["1.0.0"]),
        ("> 1.0, <= 1.5", ["1.5.0"], ["1.0.0", "1.5.1"]),
        ("2.0.0-rc.1", ["2.0.0-rc.1"], ["2.0.0", "2.0.0-rc.2"]),
        ("", ["1.0.0"], ["1.0.0-beta"]),
    ],
)
def test_version_constraints(constraint: str, met: list[str], unmet: list[str]) -> None:
    for text, expected in [*((text, True) for text in met), *((text, False) for text in unmet)]:
        key = version_key(text)
        assert key is not None
        assert meets(key, constraint) is expected, text


def test_broken_constraint() -> None:
    key = version_key("1.0.0")
    assert key is not None and version_key("1.x") is None
    with pytest.raises(RegistryError, match="nonsense is no version constraint"):
        meets(key, "nonsense")


def test_tokens_are_named_for_their_host() -> None:
    environment = {"TF_TOKEN_app_example_com": "a", "TF_TOKEN_my__registry_io": "b", "TF_TOKEN_other-one_io": "c"}
    assert token("app.example.com", environment) == "a"
    assert token("APP.example.com", environment) == "a"
    assert token("my-registry.io", environment) == "b"
    assert token("other-one.io", environment) == "c"
    assert token("app.example.com:8080", environment) == ""
    assert token("example.com", environment) == ""


def test_passwords_are_not_shown() -> None:
    assert shown("git::https://user:secret@example.com/x.git?ref=1") == "git::https://example.com/x.git"


class Files:
    def __init__(self, contents: dict[str, str]) -> None:
        self.contents = contents

    def paths(self, language: str) -> list[str]:
        return sorted(path for path in self.contents if path.endswith(".tf"))

    def read(self, path: str) -> bytes | None:
        text = self.contents.get(path)
        return None if text is None else text.encode()

    def glob(self, pattern: str) -> list[str]:
        from vigie.scanner.ignore import glob

        return [path for path in self.contents if glob(pattern).fullmatch(path)]


def test_folders() -> None:
    files = Files({"envs/prod/main.tf": "", "modules/vpc/main.tf": "", "main.tf": "", "docs/x.md": ""})
    sources = Sources(files, "envs/prod", MisconfigOptions(offline=True))
    caller = Place(files, "envs/prod")
    assert sources.find("../../modules/vpc", None, caller, ["vpc"], "x:1") == Place(files, "modules/vpc")
    assert sources.find("./modules/vpc", None, caller, ["vpc"], "x:1") == Place(files, "modules/vpc")  # from the root
    assert sources.find("../..", None, caller, ["up"], "x:1") == Place(files, "")
    assert not sources.problems
    assert sources.find("../../../other", None, caller, ["o"], "envs/prod/main.tf:3") is None
    assert sources.find("../../docs", None, caller, ["d"], "envs/prod/main.tf:7") is None
    assert sources.find("../../docs", None, caller, ["d"], "envs/prod/main.tf:9") is None
    assert sources.find(None, None, caller, ["n"], "envs/prod/main.tf:11") is None
    assert [(problem.where, problem.what) for problem in sources.problems] == [
        ("envs/prod/main.tf:3", "the module ../../../other lies outside of what is scanned"),
        ("envs/prod/main.tf:7", "the module ../../docs has no Terraform files"),
        ("envs/prod/main.tf:11", "the source of a module is not known"),
    ]


def test_what_terraform_init_left() -> None:
    manifest = """{"Modules": [
        {"Key": "", "Source": "", "Dir": "."},
        {"Key": "vpc", "Source": "registry.terraform.io/a/b/c", "Version": "1.0.0", "Dir": ".terraform/modules/vpc"},
        {"Key": "vpc.sub", "Source": "./sub", "Dir": ".terraform/modules/vpc/sub"},
        {"Key": "evil", "Source": "x/y/z", "Dir": "../../../../etc"}, 5, {"Key": []}]}"""
    files = Files(
        {
            "app/.terraform/modules/modules.json": manifest,
            "app/.terraform/modules/vpc/main.tf": "",
            "app/.terraform/modules/vpc/sub/main.tf": "",
        }
    )
    sources = Sources(files, "app", MisconfigOptions(offline=True))
    vpc = sources.find("a/b/c", "1.0.0", Place(files, "app"), ["vpc"], "x:1")
    assert vpc == Place(files, "app/.terraform/modules/vpc", "a/b/c")
    inner = sources.find("./sub", None, vpc, ["vpc", "sub"], "x:1")
    assert inner == Place(files, "app/.terraform/modules/vpc/sub", "a/b/c")
    assert not sources.problems
    assert sources.find("x/y/z", None, Place(files, "app"), ["evil"], "x:1") is None
    assert sources.problems[0].what == "the module x/y/z cannot be had: nothing is fetched with --offline-scan"


class Web:
    """Plays every host: answers by (host, path), notes what it is asked with. Repositories are served by git."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, str, str]] = []
        self.repositories: dict[str, Path] = {}

    def answer(self, host: str, path: str, body: bytes = b"", status: int = 200, **headers: str) -> None:
        self.answers[host, path] = (status, {name.replace("_", "-"): value for name, value in headers.items()}, body)

    def handler(self) -> type[BaseHTTPRequestHandler]:
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                host = url.netloc or self.headers["Host"]
                web.asked.append((host, url.path, self.headers.get("Authorization", "")))
                if host in web.repositories:
                    self.backend(web.repositories[host], url.path, url.query)
                    return
                path = f"{url.path}?{url.query}" if url.query else url.path
                status, headers, body = web.answers.get((host, path), (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def backend(self, root: Path, path: str, query: str) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                environment = os.environ | {
                    "GIT_PROJECT_ROOT": str(root),
                    "GIT_HTTP_EXPORT_ALL": "1",
                    "PATH_INFO": path,
                    "QUERY_STRING": query,
                    "REQUEST_METHOD": self.command,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "CONTENT_LENGTH": str(length),
                    "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                    "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                }
                done = subprocess.run(
                    ["git", "http-backend"], input=body, env=environment, capture_output=True, check=True
                )
                head, _, content = done.stdout.partition(b"\r\n\r\n")
                lines = [line.decode().split(": ", 1) for line in head.split(b"\r\n")]
                status = next((int(value.split()[0]) for name, value in lines if name == "Status"), 200)
                self.send_response(status)
                for name, value in lines:
                    if name != "Status":
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    web = Web()
    server = ThreadingHTTPServer(("127.0.0.1", 0), web.handler())
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{server.server_port}")
    for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield web
    server.shutdown()
    server.server_close()
    thread.join()


def tarball(**files: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


def fetch(tmp_path: Path, source: str, version: str = "", **options: Any) -> tuple[Path, str]:
    return Downloader(tmp_path / "cache", scheme="http", **options).folder(source, version)


def versions(*texts: str) -> bytes:
    listed = ",".join(f'{{"version": "{text}"}}' for text in texts)
    return f'{{"modules": [{{"versions": [{listed}]}}]}}'.encode()


def test_registry_module(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The best version, the token for its host alone, and an archive with one folder at its top."""
    monkeypatch.setenv("TF_TOKEN_registry_test", "secret")
    web.answer("registry.test", "/.well-known/terraform.json", b'{"modules.v1": "/api/modules"}')
    web.answer(
        "registry.test",
        "/api/modules/corp/vpc/aws/versions",
        versions("1.0.0", "1.2.0", "1.10.0", "2.0.0", "2.1.0-rc1"),
    )
    web.answer(
        *("registry.test", "/api/modules/corp/vpc/aws/1.10.0/download", b"", 204),
        X_Terraform_Get="http://files.test/vpc-1.10.0//*?archive=tar.gz",
    )
    web.answer("files.test", "/vpc-1.10.0", tarball(**{"top/main.tf": "# root", "top/modules/a/main.tf": "# inner"}))
    folder, inner = fetch(tmp_path, "registry.test/corp/vpc/aws//modules/a", "~> 1.1")
    assert FolderFiles(folder).read(f"{inner}/main.tf") == b"# inner"
    assert inner == "top/modules/a"
    assert {(host, authorization) for host, _, authorization in web.asked} == {
        ("registry.test", "Bearer secret"),
        ("files.test", ""),
    }
    asked = len(web.asked)
    assert fetch(tmp_path, "registry.test/corp/vpc/aws", "~> 1.1") == (folder, "top")  # from the cache
    assert len(web.asked) == asked


def test_tokens_do_not_follow_redirects(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_TOKEN_registry_test", "secret")
    web.answer("registry.test", "/.well-known/terraform.json", b"", 302, Location="http://evil.test/terraform.json")
    web.answer("evil.test", "/terraform.json", b'{"modules.v1": "http://elsewhere.test/m/"}')
    web.answer("elsewhere.test", "/m/corp/vpc/aws/versions", versions("1.0.0"))
    web.answer(
        "elsewhere.test", "/m/corp/vpc/aws/1.0.0/download", b'{"location": "https://github.test/x"}', 302,
        Location="http://evil.test/download",
    )  # fmt: skip
    web.answer("evil.test", "/download", b'{"location": "./x.zip"}')
    with pytest.raises(VigieError):
        fetch(tmp_path, "registry.test/corp/vpc/aws")
    hosts = [host for host, _, _ in web.asked]
    assert {"registry.test", "evil.test", "elsewhere.test"} <= set(hosts)
    assert {host for host, _, authorization in web.asked if authorization} == {"registry.test"}


@pytest.mark.parametrize(
    ("arrange", "message"),
    [
        (lambda web: None, "registry.test does not know it"),
        (
            lambda web: web.answer("registry.test", "/.well-known/terraform.json", b"", 401),
            "registry.test denies access",
        ),
        (lambda web: web.answer("registry.test", "/.well-known/terraform.json", b"[" * 50_000), "not JSON"),
        (lambda web: web.answer("registry.test", "/.well-known/terraform.json", b"[]"), "is no registry of modules"),
        (
            lambda web: web.answer("registry.test", "/.well-known/terraform.json", b'{"modules.v1": "file:///etc/"}'),
            "not fetched",
        ),
    ],
)
def test_registries_that_fail(web: Web, tmp_path: Path, arrange: Callable[[Web], None], message: str) -> None:
    arrange(web)
    with pytest.raises(VigieError, match=message):
        fetch(tmp_path, "registry.test/corp/vpc/aws")
    assert not [path for path in (tmp_path / "cache").iterdir() if not path.name.startswith("new-")]


def test_no_version_meets_the_constraint(web: Web) -> None:
    web.answer("registry.test", "/.well-known/terraform.json", b'{"modules.v1": "/m/"}')
    web.answer("registry.test", "/m/a/b/c/versions", versions("1.0.0"))
    with Session() as session, pytest.raises(RegistryError, match=r"no version of a/b/c meets >= 2\.0"):
        Registry(session, "registry.test", "http").locate("a/b/c", ">= 2.0")


def git(folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    }  # fmt: skip
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture
def repository(web: Web, tmp_path: Path) -> tuple[str, str]:
    """http://git.test/repository: a tag v1 with a module in `vpc`, then a change; the first commit's name."""
    folder = tmp_path / "served" / "repository"
    (folder / "vpc").mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    (folder / "vpc" / "main.tf").write_text("# one")
    (folder / "link.tf").symlink_to("/etc/passwd")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "one")
    git(folder, "tag", "v1")
    first = git(folder, "rev-parse", "HEAD")
    (folder / "vpc" / "main.tf").write_text("# two")
    git(folder, "commit", "-qam", "two")
    web.repositories["git.test"] = tmp_path / "served"
    return "git::http://git.test/repository/.git", first


def test_git_module(repository: tuple[str, str], tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    url, first = repository
    monkeypatch.setenv("TF_TOKEN_git_test", "secret")
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    for reference, text in (
        ("", b"# two"),
        ("?ref=v1", b"# one"),
        (f"?ref={first}", b"# one"),
        (f"?ref={first[:12]}", b"# one"),
        ("?ref=main", b"# two"),
    ):
        folder, inner = fetch(tmp_path, f"{url}//vpc{reference}")
        assert FolderFiles(folder).read(f"{inner}/main.tf") == text, reference
        assert FolderFiles(folder).read("link.tf") != Path("/etc/passwd").read_bytes()
        assert not (folder / "link.tf").is_symlink() and not (folder / ".git").exists()
    assert {authorization for _, _, authorization in web.asked} == {""}


def test_git_module_without_such_ref(repository: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="git: no such ref"):
        fetch(tmp_path, f"{repository[0]}?ref=v9")
    with pytest.raises(DownloadError, match="git: no such repository"):
        fetch(tmp_path, "git::http://git.test/nowhere.git")


def test_archive_by_a_server_that_points_on(web: Web, tmp_path: Path) -> None:
    web.answer("a.test", "/module?terraform-get=1", b"", 200, X_Terraform_Get="./x.tar.gz//inner")
    web.answer("a.test", "/x.tar.gz", tarball(**{"inner/main.tf": "# it"}))
    folder, inner = fetch(tmp_path, "http://a.test/module")
    assert FolderFiles(folder).read(f"{inner}/main.tf") == b"# it"
    web.answer("a.test", "/round?terraform-get=1", b"", 200, X_Terraform_Get="http://a.test/round")
    with pytest.raises(DownloadError, match="without end"):
        fetch(tmp_path, "http://a.test/round")
    web.answer("a.test", "/local?terraform-get=1", b"", 200, X_Terraform_Get="file:///etc")
    with pytest.raises(AddressError):
        fetch(tmp_path, "http://a.test/local")


def test_checksum(web: Web, tmp_path: Path) -> None:
    from hashlib import sha256

    content = tarball(**{"main.tf": ""})
    web.answer("a.test", "/x.tgz", content)
    fetch(tmp_path, f"http://a.test/x.tgz?checksum=sha256:{sha256(content).hexdigest()}")
    with pytest.raises(DownloadError, match="another checksum"):
        fetch(tmp_path, f"http://a.test/x.tgz?checksum={'0' * 64}")


def test_a_host_that_cannot_be_reached_is_asked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    downloader = Downloader(tmp_path, scheme="http")
    for module in ("a", "b"):
        with pytest.raises(VigieError, match=r"dead\.test"):
            downloader.folder(f"dead.test/{module}/b/c", "")
    session = downloader._http()
    monkeypatch.setattr(session, "stream", None)  # would fail otherwise
    with pytest.raises(VigieError, match=r"dead\.test"):
        downloader.folder("dead.test/c/b/c", "")


def test_offline_uses_the_cache_alone(web: Web, tmp_path: Path) -> None:
    web.answer("a.test", "/x.tgz", tarball(**{"main.tf": ""}))
    folder, _ = fetch(tmp_path, "http://a.test/x.tgz")
    web.asked.clear()
    downloader = Downloader(tmp_path / "cache", scheme="http")
    os.utime(folder, (0, 0))  # old, but what there is
    assert downloader.folder("http://a.test/x.tgz", "", offline=True)[0] == folder
    with pytest.raises(DownloadError, match="--offline-scan"):
        downloader.folder("http://a.test/y.tgz", "", offline=True)
    assert not web.asked
    web.answers.clear()
    assert downloader.folder("http://a.test/x.tgz", "")[0] == folder  # old is better than nothing
    assert web.asked


def test_sources_take_from_servers(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    web.answer("a.test", "/x.tgz", tarball(**{"m/main.tf": "", "n/main.tf": ""}))
    files = Files({"main.tf": ""})
    sources = Sources(files, "", MisconfigOptions(cache=str(tmp_path)))
    place = sources.find("http://a.test/x.tgz//m", None, Place(files, ""), ["m"], "main.tf:1")
    assert place is not None and (place.folder, place.prefix) == ("m", "http://a.test/x.tgz//m")
    assert list(place.files.glob("m/*.tf")) == ["m/main.tf"]
    inner = sources.find("../n", None, place, ["m", "n"], "main.tf:1")
    assert inner is not None and (inner.folder, inner.prefix) == ("n", place.prefix)
    assert sources.find("../../../..", None, place, ["m", "n"], "main.tf:1") is None
    assert sources.find("http://u:secret@a.test/gone.tgz", None, Place(files, ""), ["g"], "main.tf:9") is None
    assert sources.find("http://u:secret@a.test/gone.tgz", None, Place(files, ""), ["g"], "main.tf:9") is None
    assert [(problem.where, problem.what) for problem in sources.problems[1:]] == [
        ("main.tf:9", "the module http://a.test/gone.tgz cannot be had: its server answers with status 404")
    ]
    download.downloader.cache_clear()


def archive_of(format: str, entries: list[tuple[Any, bytes]]) -> io.BytesIO:
    buffer = io.BytesIO()
    if format == ".zip":
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, content in entries:
                packed.writestr(name, content)
    else:
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for name, content in entries:
                entry = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
    buffer.seek(0)
    return buffer


@pytest.mark.parametrize("format", [".zip", ".tar.gz"])
def test_archives_stay_in_their_folder(tmp_path: Path, format: str) -> None:
    names = ["../up.tf", "/abs.tf", "a/../../up.tf", "a\\..\\..\\up.tf", "ok/main.tf", ".git/config"]
    folder = tmp_path / "deep" / "folder"
    folder.mkdir(parents=True)
    unpack(archive_of(format, [(name, b"x") for name in names]), format, folder)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()) == [
        "deep/folder/ok/main.tf"
    ]


def test_links_and_devices_stay_in_the_archive(tmp_path: Path) -> None:
    link, hard, fifo = tarfile.TarInfo("link"), tarfile.TarInfo("hard"), tarfile.TarInfo("fifo")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc"
    hard.type, hard.linkname = tarfile.LNKTYPE, "/etc/passwd"
    fifo.type = tarfile.FIFOTYPE
    unpack(archive_of(".tar.gz", [(link, b""), (hard, b""), (fifo, b""), ("link/x.tf", b"x")]), ".tar.gz", tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] in (
        ["link", "link/x.tf"],
        ["link/x.tf", "link"],
    )
    zipped = zipfile.ZipInfo("link.tf")
    zipped.external_attr = 0o120777 << 16
    unpack(archive_of(".zip", [(zipped, b"/etc/passwd")]), ".zip", tmp_path)
    assert not (tmp_path / "link.tf").exists()


def test_bombs_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vigie.misconfig.languages.terraform import archives

    monkeypatch.setattr(archives, "MAX_BYTES", 1 << 20)
    monkeypatch.setattr(archives, "MOST_FILES", 50)
    for format in (".zip", ".tar.gz"):
        with pytest.raises(DownloadError, match="too large"):
            unpack(archive_of(format, [(f"{i}.tf", b"") for i in range(60)]), format, tmp_path / format)
        with pytest.raises(DownloadError, match="too large"):
            unpack(archive_of(format, [(f"{i}.tf", bytes(1 << 19)) for i in range(4)]), format, tmp_path / format)
        with pytest.raises(DownloadError, match="broken"):
            unpack(io.BytesIO(b"nonsense" * 100), format, tmp_path / format)
    with pytest.raises(DownloadError, match="too large"):
        unpack(archive_of(".tar.gz", [("big", bytes(9 << 20))]), ".tar.gz", tmp_path / "big")
    with pytest.raises(DownloadError, match="a file where a folder is"):
        unpack(archive_of(".zip", [("a", b"x"), ("a/b", b"x")]), ".zip", tmp_path / "both")


def test_a_fetched_module_is_evaluated(web: Web, tmp_path: Path) -> None:
    from vigie.misconfig.language import Unit
    from vigie.misconfig.languages.terraform.load import load as load_terraform

    module = 'variable "name" {\n}\n\nresource "aws_s3_bucket" "b" {\n  bucket = "${var.name}-${file("x.txt")}"\n}\n'
    web.answer("a.test", "/x.tgz", tarball(**{"m/main.tf": module, "m/x.txt": "y", "main.tf": ""}))
    files = Files(
        {"main.tf": 'module "m" {\n  source = "http://a.test/x.tgz//m"\n  name   = "n"\n}\n', "x.txt": "wrong"}
    )
    project = load_terraform(Unit("terraform", "", ("main.tf",)), files, MisconfigOptions(cache=str(tmp_path)))
    assert project.graph is not None
    (bucket,) = project.graph.resources("aws_s3_bucket")
    assert bucket.string("bucket").value == "n-y"
    cause = bucket.string("bucket").cause
    assert (cause.prefix, cause.file, cause.start) == ("http://a.test/x.tgz//m", "m/main.tf", 5)
    assert project.texts["http:/a.test/x.tgz/m/m/main.tf"] == module.encode()
    assert cause.outermost.name == "module.m"
    assert not project.problems
    download.downloader.cache_clear()


@pytest.mark.parametrize("excluded", [False, True])
def test_findings_in_modules_from_elsewhere_can_be_left_out(tmp_path: Path, excluded: bool) -> None:
    from vigie.compose import scan
    from vigie.settings.groups import Options, ScanOptions

    queue = 'resource "aws_sqs_queue" "q" {\n  name = "q"\n}\n'
    for path, text in {
        "main.tf": 'module "far" {\n  source = "a/b/c"\n}\n\nmodule "near" {\n  source = "./near"\n}\n',
        "near/main.tf": queue,
        ".terraform/modules/far/main.tf": "# elsewhere\n" + queue,
        ".terraform/modules/modules.json": '{"Modules": [{"Key": "far", "Dir": ".terraform/modules/far"}]}',
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    options = Options(
        scan=ScanOptions(scanners=("misconfig",), offline=True), misconfig=MisconfigOptions(exclude_downloaded=excluded)
    )
    report = scan(str(tmp_path), "config", options)
    found = {
        (result.target, one.resource, one.start, one.code[0].content)
        for result in report.results
        for one in result.misconfigurations
        if one.id == "AWS-0096"
    }
    near = ("near/main.tf", "module.near", 1, 'resource "aws_sqs_queue" "q" {')
    far = ("a/b/c/.terraform/modules/far/main.tf", "module.far", 2, 'resource "aws_sqs_queue" "q" {')
    assert found == ({near} if excluded else {near, far})
