"""Plan files: the configuration and the variables within them. Built here from the documented formats: the zip of
Terraform's package `planfile`, the fields of `planfile.proto`, MessagePack with the types of values beside them."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import msgspec
import pytest

from vigie.misconfig.language import Project, Unit
from vigie.misconfig.languages.terraform_plan import snapshot, snapshot_language, wire
from vigie.misconfig.languages.terraform_plan.snapshot import load
from vigie.misconfig.value import Unknown
from vigie.settings.groups import MisconfigOptions


def varint(number: int) -> bytes:
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def plan(**variables: tuple[Any, Any]) -> bytes:
    """Each variable as its type in JSON and its value."""
    message = field(1, 3) + field(14, b"1.9.5") + varint(21 << 3 | 5) + bytes(4)
    for name, (type_, value) in variables.items():
        packed = msgspec.msgpack.encode([msgspec.json.encode(type_), value])
        message += field(2, field(1, name.encode()) + field(2, field(1, packed)))
    return message


def test_variables() -> None:
    message = plan(
        text=("string", "é" * 300),
        number=("number", 5),
        large=("number", "123456789012345678901234567890"),
        half=("number", 0.5),
        flag=("bool", True),
        nothing=("string", None),
        names=(["list", "string"], ["a", "b"]),
        unique=(["set", "string"], ["b", "a"]),
        tags=(["map", "string"], {"a": "b"}),
        both=(["tuple", ["string", "bool"]], ["a", False]),
        thing=(["object", {"a": "number", "b": ["list", "bool"]}], {"a": 1, "b": [True]}),
        anything=("dynamic", [b'"string"', "x"]),
        later=("string", msgspec.msgpack.Ext(0, b"\x00")),
        partly=(["list", "string"], ["a", msgspec.msgpack.Ext(12, b"\x80")]),
    )
    found = wire.variables(message)
    later, partly = found.pop("later"), found.pop("partly")
    assert found == {
        "text": "é" * 300,
        "number": 5,
        "large": 123456789012345678901234567890,
        "half": 0.5,
        "flag": True,
        "nothing": None,
        "names": ["a", "b"],
        "unique": ["a", "b"],
        "tags": {"a": "b"},
        "both": ["a", False],
        "thing": {"a": 1, "b": [True]},
        "anything": "x",
    }
    assert isinstance(later, Unknown) and later.type == "string"
    assert partly[0] == "a" and isinstance(partly[1], Unknown)


@pytest.mark.parametrize(
    "message",
    [
        b"\x12\xff",
        b"\x12",
        b"\xff" * 20,
        b"\x0b",
        field(2, b"\x0a\x05a"),
        field(2, field(1, b"\xff") + field(2, field(1, b"\xc0"))),
        field(2, field(1, b"a") + field(2, field(1, b"\xdd\xff\xff\xff\xff"))),
        field(2, field(1, b"a") + field(2, field(1, msgspec.msgpack.encode([b"[", 1])))),
        field(2, field(1, b"a") + field(2, field(1, b"\x91" * 3000))),
    ],
)
def test_broken_messages(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        wire.variables(message)


def test_types_that_lead_deep() -> None:
    deep: Any = "x"
    for _ in range(100):
        deep = [b'"dynamic"', deep]
    packed = msgspec.msgpack.encode(deep)
    with pytest.raises(ValueError, match=r"."):
        wire.variables(field(2, field(1, b"a") + field(2, field(1, packed))))


class Files:
    def __init__(self, **contents: bytes) -> None:
        self.contents = contents

    def paths(self, language: str) -> list[str]:
        return sorted(self.contents)

    def read(self, path: str) -> bytes | None:
        return self.contents.get(path)

    def glob(self, pattern: str) -> list[str]:
        from vigie.scanner.ignore import glob

        return [path for path in self.contents if glob(pattern).fullmatch(path)]


def archive(**files: str | bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return buffer.getvalue()


MAIN = """
variable "name" {
  type = string
}

variable "acl" {
  default = "private"
}

module "bucket" {
  source  = "corp/bucket/aws"
  version = "1.0.0"
  name    = var.name
  policy  = file("${path.module}/policy.json")
}

module "shared" {
  source = "../shared"
}
"""
MODULE = """
variable "name" {}
variable "policy" {}

resource "aws_s3_bucket" "b" {
  bucket = var.name
  acl    = "public-read"
  policy = var.policy
}
"""
MANIFEST = [
    {"Key": "", "Dir": "."},
    {"Key": "bucket", "Source": "registry.terraform.io/corp/bucket/aws", "Dir": ".terraform/modules/bucket"},
    {"Key": "shared", "Source": "../shared", "Dir": "../shared"},
]


def snapshot_of(**more: str | bytes) -> bytes:
    return archive(
        **{
            "tfplan": plan(name=("string", "from-plan")),
            "tfstate": "{}",
            "tfconfig/modules.json": json.dumps(MANIFEST),
            "tfconfig/m-/main.tf": MAIN,
            "tfconfig/m-bucket/main.tf": MODULE,
            "tfconfig/m-shared/main.tf": 'resource "aws_sns_topic" "t" {\n  name = "t"\n}\n',
            **more,
        }
    )


def loaded(path: str, data: bytes, **others: bytes) -> Project:
    return load(Unit("terraformplan-snapshot", path, (path,)), Files(**{path: data}, **others), MisconfigOptions())


@pytest.mark.parametrize("folder", ["app/prod/", ""])
def test_configuration_with_its_variables(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_VAR_name", "from-environment")
    others = {
        f"{folder}policy.json": b"{}",
        f"{folder}main.tf": b"garbage {",
        f"{folder}terraform.tfvars": b'name = "no"',
    }
    project = loaded(f"{folder}x.tfplan", snapshot_of(), **others)
    assert (project.type, project.target) == ("terraformplan-snapshot", f"{folder}x.tfplan")
    assert project.graph is not None
    (bucket,) = project.graph.resources("aws_s3_bucket")
    assert bucket.string("bucket").value == "from-plan"
    assert bucket.string("acl").value == "public-read"
    if folder:
        assert bucket.string("policy").value == "{}"
    cause = bucket.string("acl").cause
    assert cause.prefix == "corp/bucket/aws"
    assert cause.start == 7 and cause.file.endswith(".terraform/modules/bucket/main.tf")
    assert cause.outermost.name == "module.bucket"
    assert project.texts[cause.outermost.file] == MAIN.encode()
    (topic,) = project.graph.resources("aws_sns_topic")
    assert topic.string("name").value == "t"
    assert topic.cause.file == ("app/shared/main.tf" if folder else "shared/main.tf")
    assert not [problem for problem in project.problems if "policy.json" not in problem.what]


def test_plan_whose_variables_are_broken_is_judged_without() -> None:
    project = loaded("x.tfplan", snapshot_of(tfplan=b"\x12\xff"))
    assert project.graph is not None
    (bucket,) = project.graph.resources("aws_s3_bucket")
    assert not bucket.string("bucket").known
    assert bucket.string("acl").value == "public-read"
    assert any(problem.where == "x.tfplan" and "variables" in problem.what for problem in project.problems)


def test_recognition() -> None:
    assert snapshot_language.recognise("x.tfplan", snapshot_of())
    assert not snapshot_language.recognise("x.tfplan", archive(other="x"))
    assert not snapshot_language.recognise("x.tfplan", b"{}")


def test_what_is_no_plan() -> None:
    good = snapshot_of()
    for data in (
        archive(tfplan=plan()),
        good[: len(good) // 2],
        b"PK\x03\x04 tfplan",
        archive(**{"tfplan": b"", "tfconfig/m-/main.tf": "", "tfconfig/modules.json": "["}),
    ):
        with pytest.raises(ValueError, match=r"."):
            loaded("x.tfplan", data)


def test_files_stay_in_the_configuration() -> None:
    manifest = [
        {"Key": "", "Dir": "."},
        {"Key": "a", "Dir": "../" * 60 + "etc"},
        {"Key": "b", "Dir": "/etc"},
        {"Key": []},
        5,
    ]
    data = snapshot_of(
        **{
            "tfconfig/modules.json": json.dumps(manifest),
            "tfconfig/m-a/passwd.tf": "",
            "tfconfig/m-b/passwd.tf": "",
            "tfconfig/m-../../x.tf": "",
        }
    )
    project = loaded("x.tfplan", data)
    assert not [path for path in project.texts if path.startswith(("/", "../"))]


def test_bombs_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "MAX_BYTES", 1 << 20)
    with pytest.raises(ValueError, match="unpacks to more than 1 MiB"):
        loaded("x.tfplan", snapshot_of(**{"tfconfig/m-/big.tf": bytes(2 << 20)}))
    monkeypatch.setattr(snapshot, "MOST_FILES", 10)
    with pytest.raises(ValueError, match="has more than 10 files"):
        loaded("x.tfplan", snapshot_of(**{f"tfconfig/m-/{i}.tf": "" for i in range(10)}))
