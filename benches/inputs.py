"""Makes what the benchmarks read, in build/bench: an image archive, a folder of lock files, an empty folder.

The image: a Debian, Python and npm packages from their registries, and the binaries of the Go toolchain, in three gzip
layers. What a machine cannot make (no npm, no Go) is left out and said. The lock files are made up, the same in every
run.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "demo"))
from build import base_system, layer, run, write_archive

PYTHON = ("ansible==9.5.1", "botocore==1.34.0", "django==4.2.0", "jupyterlab==4.0.0", "pandas==2.2.2", "scipy==1.13.0")
NODE = ("next@13.4.0", "react-scripts@5.0.1", "typescript@4.9.5", "webpack@5.80.0")
PROJECTS = 12
PACKAGES_PER_PROJECT = 518
FILES_PER_PROJECT = 63


def image(folder: Path) -> Path:
    """An OCI archive of some 500 MB."""
    target = folder / "image.tar"
    if target.exists():
        return target
    layers = [
        layer(folder / "base.tar.gz", base_system, "debootstrap"),
        layer(folder / "packages.tar.gz", _packages, "RUN install"),
    ]
    if (go := _go_root()) is not None:
        layers.append(
            layer(folder / "go.tar.gz", lambda root: _copy(go, root / "usr/local/go"), "COPY go /usr/local/go")
        )
    write_archive(target, layers)
    return target


def _packages(root: Path) -> None:
    site = root / "usr/local/lib/python3.11/site-packages"
    run(
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        "--only-binary",
        ":all:",
        "--target",
        str(site),
        *PYTHON,
    )
    if shutil.which("npm"):
        app = root / "srv/app"
        app.mkdir(parents=True)
        (app / "package.json").write_text('{"name": "bench", "version": "1.0.0"}')
        run(
            "npm",
            "install",
            "--loglevel=error",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--prefix",
            str(app),
            *NODE,
        )
    else:
        print("inputs: no npm, the image has no Node.js packages", file=sys.stderr)


def _go_root() -> Path | None:
    if shutil.which("go") is None:
        print("inputs: no Go, the image has no Go binaries", file=sys.stderr)
        return None
    return Path(subprocess.run(("go", "env", "GOROOT"), capture_output=True, text=True, check=True).stdout.strip())


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True)
    shutil.copytree(source, target, symlinks=True)


def large_image(folder: Path) -> Path:
    """Some 5 GB raw: the same layers several times over, so that only its size differs."""
    target = folder / "large.tar"
    if not target.exists():
        image(folder)
        base, packages = (folder / "base.tar.gz", "debootstrap"), (folder / "packages.tar.gz", "RUN install")
        write_archive(target, [base, packages, packages, packages])
    return target


def write_docker_archive(image: Path, target: Path) -> None:
    """The OCI archive `image` as docker-save would write it, layers compressed as they are."""
    import tarfile
    from io import BytesIO

    with tarfile.open(image) as source, tarfile.open(target, "w") as out:

        def read(name: str) -> bytes:
            member = source.extractfile(name)
            assert member is not None
            return member.read()

        def add(name: str, content: bytes) -> None:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            out.addfile(member, BytesIO(content))

        def path(digest: str) -> str:
            return "blobs/" + digest.replace(":", "/")

        manifest = json.loads(read(path(json.loads(read("index.json"))["manifests"][0]["digest"])))
        layers = [entry["digest"].partition(":")[2] + ".tar.gz" for entry in manifest["layers"]]
        for entry, name in zip(manifest["layers"], layers, strict=True):
            add(name, read(path(entry["digest"])))
        config = manifest["config"]["digest"].partition(":")[2] + ".json"
        add(config, read(path(manifest["config"]["digest"])))
        add("manifest.json", json.dumps([{"Config": config, "RepoTags": ["bench:latest"], "Layers": layers}]).encode())


def lock_files(folder: Path) -> Path:
    """12 projects with 756 lock files and manifests and some 6,200 packages."""
    root = folder / "projects"
    if root.exists():
        return root
    chance = random.Random(20261122)
    words = [
        f"{a}{b}"
        for a in ("fast", "tiny", "safe", "web", "data", "async", "core", "go")
        for b in ("kit", "lib", "io", "db", "http", "log", "queue", "form")
    ]
    temporary = folder / "projects.part"
    shutil.rmtree(temporary, ignore_errors=True)
    for project in range(PROJECTS):
        share = PACKAGES_PER_PROJECT // 6
        names = [f"{chance.choice(words)}-{number}" for number in range(share)]
        versions = [f"{chance.randrange(2)}.{chance.randrange(20)}.{chance.randrange(30)}" for _ in names]
        pairs = list(zip(names, versions, strict=True))
        home = temporary / f"project-{project}"
        for kind, text in _files(pairs).items():
            path = home / kind
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        for number in range(FILES_PER_PROJECT - 12):
            path = home / f"packages/part-{number}/package.json"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps({"name": f"part-{number}", "version": "1.0.0", "dependencies": dict(pairs[:8])}))
    temporary.rename(root)
    return root


def _files(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """The lock files of one project, each with the same packages in its own language and as its tool writes them."""
    digest = {n: hashlib.sha512(n.encode()).hexdigest() for n, _ in pairs}
    asks = {n: [pairs[(k * 7 + step) % len(pairs)] for step in (1, 2, 3)] for k, (n, _) in enumerate(pairs)}
    npm: dict[str, object] = {"": {"name": "bench", "version": "1.0.0", "dependencies": dict(pairs[:20])}}
    for n, v in pairs:
        npm[f"node_modules/{n}"] = {
            "version": v,
            "resolved": f"https://registry.example/{n}/-/{n}-{v}.tgz",
            "integrity": f"sha512-{digest[n]}",
            "license": "MIT",
            "engines": {"node": ">=14"},
            "dependencies": {name: f"^{version}" for name, version in asks[n]},
        }
    poetry = "".join(
        f'[[package]]\nname = "{n}"\nversion = "{v}"\ndescription = "A package."\noptional = false\n'
        f'python-versions = ">=3.8"\ngroups = ["main"]\nfiles = [\n'
        + "".join(f'    {{file = "{n}-{v}-{part}.whl", hash = "sha256:{digest[n][:64]}"}},\n' for part in range(20))
        + "]\n\n[package.dependencies]\n"
        + "".join(f'{name} = ">={version}"\n' for name, version in asks[n])
        + "\n"
        for n, v in pairs
    )
    cargo = 'version = 3\n\n[[package]]\nname = "bench"\nversion = "1.0.0"\ndependencies = [\n'
    cargo += "".join(f' "{n}",\n' for n, _ in pairs) + "]\n\n"
    cargo += "".join(
        f'[[package]]\nname = "{n}"\nversion = "{v}"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n'
        f'checksum = "{digest[n][:64]}"\ndependencies = [\n' + "".join(f' "{name}",\n' for name, _ in asks[n]) + "]\n\n"
        for n, v in pairs
    )
    modules = {n: f"example.com/{n}{_major(v)} v{v}" for n, v in pairs}
    go = "module example.com/bench\n\ngo 1.21\n\nrequire (\n"
    go += "".join(f"\t{modules[n]}{' // indirect' if k > 20 else ''}\n" for k, (n, _) in enumerate(pairs)) + ")\n"
    sums = "".join(f"{modules[n]} h1:{digest[n][:43]}=\n{modules[n]}/go.mod h1:x=\n" for n, _ in pairs)
    gems = "GEM\n  remote: https://rubygems.example/\n  specs:\n" + "".join(
        f"    {n} ({v})\n" + "".join(f"      {name} (>= {version})\n" for name, version in asks[n]) for n, v in pairs
    )
    php = [
        {
            "name": f"vendor/{n}",
            "version": v,
            "source": {"type": "git", "url": f"https://git.example/{n}.git", "reference": digest[n][:40]},
            "dist": {"type": "zip", "url": f"https://git.example/{n}.zip", "reference": digest[n][:40], "shasum": ""},
            "require": {f"vendor/{name}": f"^{version}" for name, version in asks[n]},
            "type": "library",
            "autoload": {"psr-4": {"Vendor\\": "src/"}},
            "license": ["MIT"],
            "description": "A package.",
        }
        for n, v in pairs
    ]
    return {
        "web/package-lock.json": json.dumps({"name": "bench", "lockfileVersion": 3, "packages": npm}, indent=2),
        "web/package.json": json.dumps({"name": "bench", "version": "1.0.0"}),
        "api/poetry.lock": poetry,
        "api/pyproject.toml": '[tool.poetry]\nname = "bench"\n[tool.poetry.dependencies]\n'
        + "".join(f'{n} = "*"\n' for n, _ in pairs),
        "api/requirements.txt": "".join(f"{n}=={v}\n" for n, v in pairs),
        "engine/Cargo.lock": cargo,
        "engine/Cargo.toml": '[package]\nname = "bench"\nversion = "1.0.0"\n[dependencies]\n'
        + "".join(f'{n} = "{v}"\n' for n, v in pairs),
        "agent/go.mod": go,
        "agent/go.sum": sums,
        "site/Gemfile.lock": gems + "\nDEPENDENCIES\n" + "".join(f"  {n}\n" for n, _ in pairs[:20]),
        "shop/composer.lock": json.dumps({"packages": php, "packages-dev": []}, indent=4),
        "shop/composer.json": json.dumps({"require": {f"vendor/{n}": "*" for n, _ in pairs[:20]}}),
    }


def _major(version: str) -> str:
    """How a Go module's path must end from version 2 on; Trivy passes over a go.mod with any other."""
    major = version.partition(".")[0]
    return f"/v{major}" if int(major) > 1 else ""


def empty(folder: Path) -> Path:
    """A folder with nothing in it."""
    target = folder / "empty"
    target.mkdir(parents=True, exist_ok=True)
    return target


if __name__ == "__main__":
    build = Path(sys.argv[1] if len(sys.argv) > 1 else "build/bench")
    build.mkdir(parents=True, exist_ok=True)
    for make in (empty, lock_files, image):
        print(make(build))
