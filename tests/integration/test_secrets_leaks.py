"""No secret that was found is ever written anywhere: secrets of all rules are planted in files, archives, encodings,
layers, configurations of images and commits, and every byte that the program writes is searched for them."""

from __future__ import annotations

import base64
import io
import json
import marshal
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from builders.image import Image, archive
from builders.sample_image import SYSTEM
from program import Ended, Program
from vigie import _core
from vigie.secrets.allow import GLOBAL, SKIPPED
from vigie.secrets.analyzer import SecretReading
from vigie.secrets.examples import fill
from vigie.secrets.rule_set import RuleSet
from vigie.secrets.rules import SecretRule, load, read_folder
from vigie.settings.groups import SecretOptions

pytestmark = pytest.mark.integration
WINDOW, LONG, SAID = 8, 12, 5
"""Characters of a secret that count as one written; where they are hex digits, of which digests are full; and of a
rule's own words that a secret may hold as well."""
HEX = rb"[0-9a-fA-F]+"
FORMATS = ("-f", "json", "-o", "out.json", "-f", "sarif", "-o", "out.sarif", "-f", "table")
EVERYTHING = ("--scanners", "vuln,misconfig,secret", "--debug", "--show-suppressed", "--secret-binaries")


@cache
def rules() -> tuple[SecretRule, ...]:
    return read_folder()


def planted(seed: str) -> dict[str, str]:
    """A text for each rule, made from its first example."""
    return {rule.id: fill(rule.examples[0], f"{seed} {rule.id}") for rule in rules() if rule.examples}


class Watch:
    """What must not be written: every run of characters of the secrets that were planted, as such, in base 64 and with
    percent signs, save what the rules' examples say themselves."""

    def __init__(self) -> None:
        self._reading = SecretReading(RuleSet(load(), GLOBAL, SKIPPED), SecretOptions())
        self._said = {
            part
            for rule in rules()
            for text in (*rule.examples, rule.id, rule.title, rule.why, rule.fix)
            for part in windows(text.encode(), SAID)
        }
        self.forbidden: dict[bytes, str] = {}
        self.count = 0

    def plant(self, *texts: str) -> None:
        for text in texts:
            candidates = self._reading.of_text("x", text.encode())[0]
            for one in candidates:
                if not one.noise:  # ids, and what is read in a value without being secret, may be told
                    told = {
                        window
                        for text in (one.key_id, one.reason, *one.facts.values())
                        for window in windows(text.encode())
                    }
                    self._forbid(one.rule, self._reading.values[one.rule, one.path, one.tag].secret, told)

    def _forbid(self, rule: str, value: str, told: set[bytes]) -> None:
        self.count += 1
        forms = [value.encode(), quote(value, safe="").encode()]
        forms += [base64.b64encode(bytes(pad) + value.encode())[4:-4] for pad in range(3)]
        for form in forms:
            for window in windows(form):
                said = any(part in self._said for part in windows(window, SAID))
                if not said and window not in told and len(set(window)) > 2 and not re.fullmatch(HEX, window):
                    self.forbidden[window] = rule
            for window in windows(form, LONG):
                if re.fullmatch(HEX, window) and not any(part in told for part in windows(window)):
                    self.forbidden[window] = rule

    def leaks(self, data: bytes) -> set[str]:
        """The rules of which something stands in the data."""
        runs = set(re.findall(rb"[!-~]{%d,}" % WINDOW, data)) | set(re.findall(rb"[!-~]{%d,}" % WINDOW, data[::2]))
        return {
            f"{self.forbidden[window]}: {window!r}"
            for run in runs
            for size in (WINDOW, LONG)
            for window in windows(run, size)
            if window in self.forbidden
        }


def windows(text: bytes, size: int = WINDOW) -> Iterator[bytes]:
    return (text[at : at + size] for at in range(len(text) - size + 1))


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


def written(vigie: Program, ended: Ended, outputs: Iterable[str] = ("out.json", "out.sarif")) -> dict[str, bytes]:
    """All that a run wrote, by where."""
    found = {"standard output": ended.out.encode(), "standard error": ended.err.encode()}
    for folder in (vigie.cache, vigie.temporary, vigie.folder / "home"):
        found |= {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    found |= {name: path.read_bytes() for name in outputs if (path := vigie.work / name).is_file()}
    return found


def nothing_leaks(watch: Watch, vigie: Program, ended: Ended) -> None:
    for where, data in written(vigie, ended).items():
        assert not watch.leaks(data), where


def zipped(files: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in files.items():
            made.writestr(name, text)
    return out.getvalue()


def tree(seed: str) -> tuple[dict[str, bytes], list[str]]:
    """Files with secrets in all kinds of clothes, and the texts in them."""
    plain, wide, coded, packed, compiled = (planted(f"{seed} {kind}") for kind in ("p", "w", "c", "z", "m"))
    files = {f"src/{id_}.conf": f"first\n{text}\nlast\n".encode() for id_, text in plain.items()}
    files |= {f"wide/{id_}.conf": f"first\r\n{text}\r\nlast\r\n".encode("utf-16") for id_, text in wide.items()}
    files |= {
        f"coded/{id_}.conf": b"data: " + base64.b64encode(f"some text before\n{text}\n".encode()) + b"\n"
        for id_, text in coded.items()
    }
    files["lib/app.jar"] = zipped({f"conf/{id_}.conf": text for id_, text in packed.items()})
    files |= {
        f"lib/{id_}.pyc": b"\x6f\r\r\n" + bytes(12) + marshal.dumps((text, None)) for id_, text in compiled.items()
    }
    texts = [text for group in (plain, wide, coded, packed, compiled) for text in group.values()]
    return files, texts


def configuration(seed: str) -> tuple[dict[str, bytes], list[str]]:
    """Files that checks object to, with the code that is shown, and files that nobody can read."""
    made = {name: fill(f"${{{name}}}", f"{seed} {name}") for name in ("github:ghp_", "github:gho_", "github:ghu_")}
    first, second, third = made.values()
    pair = [fill("${aws:AKIA}", seed), fill("${base64:40}", seed)]
    key = fill("${pem:RSA PRIVATE KEY}", seed)
    indented = key.replace("\n", "\n    ")
    texts = {
        "infra/main.tf": (
            f'provider "aws" {{\n  access_key = "{pair[0]}"\n  secret_key = "{pair[1]}"\n}}\n'
            f'resource "aws_instance" "a" {{\n  user_data = <<EOF\nexport TOKEN={first}\n{key}\nEOF\n}}\n'
            f'resource "aws_lambda_function" "b" {{\n  environment {{\n    variables = {{ T = "{second}" }}\n  }}\n}}\n'
        ),
        "infra/Dockerfile": f"FROM x:latest\nENV GITHUB_TOKEN={third}\nARG T={first}\nRUN curl -H 'token {second}' x\n",
        "infra/pod.yaml": (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: a\n"
            f"    env:\n    - {{name: TOKEN, value: {second}}}\n    args: [--token, {third}]\n---\n"
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n"
            f"  token: {first}\n  key: |\n    {indented}\n"
        ),
        "broken/main.tf": f'resource "aws_instance" "a" {{\n  x = "{first}"\n  y = {second} {{ [\n',
        "broken/pod.yaml": f"apiVersion: v1\nkind: Pod\n a: {third}\n- {first}: [\n",
        "broken/requirements.txt": f"requests @ git+https://{second}@github.com/a/b\nflask=={third}\n",
        "broken/Cargo.lock": f'[[package]]\nname = "{first}"\nversion = {second}\n',
        "broken/composer.lock": f'{{"packages": [{{"name": "{third}", "version": 1}}, {first}',
        "app/composer.lock": json.dumps(
            {"packages": [{"name": "a/b", "version": "1", "dist": {"url": f"https://{first}@x/"}}]}
        ),
    }
    return {name: text.encode() for name, text in texts.items()}, [
        *made.values(),
        "\n".join(pair),
        key,
        *texts.values(),
    ]


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def test_the_watch_itself(watch: Watch) -> None:
    mine = Watch()
    token = fill("${github:ghp_}", "watched")
    mine.plant(f"TOKEN={token}")
    assert mine.count >= 1
    assert mine.leaks(f"x {token} y".encode()) and mine.leaks(f"x{token[20:28]}y".encode())
    assert mine.leaks(base64.b64encode(f"ab{token}cd".encode())) and mine.leaks(token.encode("utf-16-le"))
    assert not mine.leaks(b"ghp_" + b"*" * 36 + token[20:27].encode())


def test_a_folder(watch: Watch, vigie: Program) -> None:
    files, texts = tree("folder")
    more, configured = configuration("folder")
    watch.plant(*texts, *configured)
    assert watch.count > 5 * 240
    write(vigie.work / "project", files | more)
    (vigie.work / "project/broken.tgz").write_bytes(b"\x1f\x8b\x08" + bytes(7) + b"nonsense")
    ended = vigie.run(
        "fs", "project", *EVERYTHING, "--secret-archives", "2", *FORMATS, "--render-cause", "terraform", timeout=300
    )
    assert ended.status == 0, ended.err
    nothing_leaks(watch, vigie, ended)
    report = json.loads((vigie.work / "out.json").read_text())
    found = [one for result in report["Results"] for one in result.get("Secrets", [])]
    assert len(found) > 700
    kinds = {result["Target"].partition("/")[0] for result in report["Results"] if result["Class"] == "secret"}
    assert {"src", "infra", "broken"} <= kinds
    assert any(one["Class"] == "config" for one in report["Results"]) and report["Problems"]


def image(seed: str) -> tuple[Image, list[str]]:
    files, texts = tree(seed)
    more, configured = configuration(seed)
    examples = [text.partition("\n")[0] for text in planted(f"{seed} config").values()]
    third = len(examples) // 3
    labels = {f"label.{number}": text for number, text in enumerate(examples[:third])}
    env = [f"VALUE_{number}={text}" for number, text in enumerate(examples[third : 2 * third])]
    runs = [f"RUN {text}" for text in examples[2 * third :]]
    config = {"Env": ["PATH=/bin", *env], "Labels": labels, "Cmd": ["sh", "-c", configured[0]]}
    history = [
        {"created_by": f"RUN deploy {configured[0]}"},
        *({"created_by": text, "empty_layer": True} for text in runs),
        {"created_by": f"RUN rm -rf /app/src && login {configured[0]}"},
        {"created_by": f"COPY {configured[1]} /x"},
    ]
    labelled = [f"{name}={text}" for name, text in labels.items()]
    first = {f"app/{name}": data for name, data in (files | more).items()} | SYSTEM
    gone = {f"app/{folder}/.wh..wh..opq": b"" for folder in ("src", "wide")} | {"app/.wh.infra": b""}
    made = Image(first, gone, {"app/infra/main.tf": more["infra/main.tf"]}, config=config, history=history)
    return made, [*texts, *configured, *labelled, *env, *runs]


@pytest.mark.parametrize("config", [(), ("--image-config-scanners", "secret,misconfig")], ids=["plain", "config"])
def test_an_image(watch: Watch, vigie: Program, tmp_path: Path, config: tuple[str, ...]) -> None:
    made, texts = image("image")
    watch.plant(*texts)
    saved = archive(tmp_path / "image.tar", made)
    for number in range(2):  # read, and as far as may be from the cache
        ended = vigie.run("image", "--input", saved, *EVERYTHING, *config, *FORMATS, timeout=300)
        assert ended.status == 0, ended.err
        nothing_leaks(watch, vigie, ended)
        report = json.loads((vigie.work / "out.json").read_text())
        found = [one for result in report["Results"] for one in result.get("Secrets", [])]
        assert len(found) > 500, number
        assert any("DeletedBy" in one for one in found)


@pytest.mark.skipif(shutil.which("git") is None, reason="not installed: git")
def test_a_repository(watch: Watch, vigie: Program) -> None:
    token, other = (fill("${github:ghp_}", seed) for seed in ("address", "message"))
    watch.plant(f"https://x:{token}@github.com/a/b", f"see {other}", f"TOKEN={token}")
    project = vigie.work / "project"
    write(project, {"a.env": f"TOKEN={token}\n".encode(), ".gitignore": b"x\n"})

    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", "-C", str(project), *identity, *arguments], check=True, capture_output=True)

    git("init", "-q")
    git("remote", "add", "origin", f"https://x:{token}@github.com/a/b")
    git("add", "-A")
    git("commit", "-q", "-m", f"see {other}")
    (project / "a.env").write_text("TOKEN=none\n")
    git("commit", "-q", "-a", "-m", f"took {token} away")
    history = [("repo", "--history")] if hasattr(_core, "HistoryReader") else []
    for command in (("repo",), ("fs",), *history):
        for more in ((), ("--scanners", "vuln,misconfig,secret")):
            ended = vigie.run(*command, "project", *more, "--debug", "--show-suppressed", *FORMATS)
            assert ended.status == 0, ended.err
            nothing_leaks(watch, vigie, ended)


CRASH = """
import sys
class Crash:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            raise {error}
sys.meta_path.insert(0, Crash())
"""


@pytest.mark.parametrize(
    ("module", "error", "status"),
    [
        ("vigie.formats.json", "ZeroDivisionError('injected')", 70),
        ("vigie.secrets.masking", "ZeroDivisionError('injected')", 70),
        ("vigie.secrets.verify", "ZeroDivisionError('injected')", 70),
        ("vigie.scanner.filter", "MemoryError()", 3),
        ("vigie.vulnerabilities.detector", "KeyboardInterrupt()", 130),
    ],
)
def test_crashes(watch: Watch, vigie: Program, module: str, error: str, status: int) -> None:
    files, texts = tree("crash")
    watch.plant(*texts)
    write(vigie.work / "project", {name: data for name, data in files.items() if name.startswith("src/")})
    write(vigie.work / "project", {"Cargo.lock": b'[[package]]\nname = "smallvec"\nversion = "1.0.0"\n'})
    hooks = vigie.folder / "hooks"
    write(hooks, {"sitecustomize.py": CRASH.format(module=module, error=error).encode()})
    changed: dict[str, str | None] = {
        "PYTHONPATH": f"{hooks}:{vigie.environment['PYTHONPATH']}",
        "PYTHONFAULTHANDLER": "1",
        "PYTHONDEVMODE": "1",
        "PYTHONWARNINGS": None,
        "HTTPS_PROXY": "http://127.0.0.1:1",
    }
    arguments = ("fs", "project", "--debug", "--verify", "--timeout", "20s", "-f", "json", "-o", "out.json")
    ended = vigie.run(*arguments, environment=changed, clean=False)
    assert ended.status == status, ended.err
    assert status == 130 or "Error" in ended.err
    nothing_leaks(watch, vigie, ended)


def test_standard_input(watch: Watch, vigie: Program, tmp_path: Path) -> None:
    texts = list(planted("stdin").values())
    watch.plant(*texts)
    given: Any = tmp_path / "given"
    given.write_text("\n\n\n\n".join(texts))
    with given.open("rb") as stdin:
        ended = vigie.run("secret", "-", "--debug", "--show-suppressed", *FORMATS, stdin=stdin)
    assert ended.status == 0, ended.err
    nothing_leaks(watch, vigie, ended)
