"""Trees made to exhaust, confuse or escape a reader of configuration: files by path, and the problems they lead to.

Each case ends within seconds and says what it gave up on: `(where, words)` of a problem in the report.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from typing import NamedTuple


class Case(NamedTuple):
    """files: content by path. problems: where and a part of what for each problem that must be told. links: target by
    path. helm: whether it needs the Helm engine."""

    files: Mapping[str, str | bytes]
    problems: tuple[tuple[str, str], ...] = ()
    links: Mapping[str, str] = {}
    helm: bool = False


BUCKET = 'resource "aws_s3_bucket" "b" { bucket = %s }\n'
TEMPLATE = "AWSTemplateFormatVersion: '2010-09-09'\n"
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
CHART = "apiVersion: v2\nname: c\nversion: 0.1.0\n"
SECRET = "the content of a file outside"


def nested(opening: str, closing: str, depth: int, inner: str = "") -> str:
    """Brackets within brackets."""
    return opening * depth + inner + closing * depth


def aliases(levels: int) -> str:
    """A YAML mapping that doubles tenfold with each level."""
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n + 1}: &a{n + 1} [{','.join([f'*a{n}'] * 10)}]" for n in range(levels)]
    return "\n".join(lines) + "\n"


def zipped(entries: Mapping[str, int]) -> bytes:
    """A ZIP archive of files of so many zero bytes."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, size in entries.items():
            with archive.open(name, "w") as file:
                for _ in range(size >> 20):
                    file.write(bytes(1 << 20))
    return held.getvalue()


def tarred(entries: Mapping[str, bytes]) -> bytes:
    """A compressed archive."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name, data in entries.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return gzip.compress(held.getvalue(), 1)


def tower(levels: int) -> dict[str, str]:
    """Modules that each call the next one twice."""
    files = {f"m{n}/main.tf": "".join(call(name, f"../m{n + 1}") for name in "ab") for n in range(levels)}
    return {"main.tf": call("m", "./m0"), **files, f"m{levels}/main.tf": BUCKET % '"x"'}


def call(name: str, source: str, more: str = "") -> str:
    return f'module "{name}" {{\n  source = "{source}"\n{more}}}\n'


CASES: dict[str, Case] = {
    "recursive modules": Case(
        {"main.tf": call("a", "./a"), "a/main.tf": call("b", "../b"), "b/main.tf": call("a", "../a")},
        (("b/main.tf:1", "calls itself"),),
    ),
    "a tower of modules": Case(tower(30), (("m12/main.tf:1", "more than 10000 modules"),)),
    "keys of nested modules": Case(
        {
            "main.tf": call("a", "./m", f"  for_each = toset({json.dumps([f'k{n}' for n in range(10_000)])})\n"),
            "m/main.tf": call("n", "../n", '  for_each = toset(["x", "y"])\n'),
            "n/main.tf": BUCKET % '"x"',
        },
        (("m/main.tf:1", "more than 10000 modules"),),
    ),
    "outputs in a circle": Case(
        {
            "main.tf": call("a", "./m", "  x = module.b.y\n") + call("b", "./m", "  x = module.a.y\n"),
            "m/main.tf": 'variable "x" {}\noutput "y" { value = var.x }\n' + BUCKET % "var.x",
        },
        (("m/main.tf:1", "refers to itself"),),
    ),
    "cyclic locals": Case(
        {"main.tf": 'locals {\n  a = local.b\n  b = "${local.c}"\n  c = [local.a]\n}\n' + BUCKET % "local.a"},
        (("main.tf:2", "refers to itself"),),
    ),
    "exponential for": Case(
        {
            "main.tf": "locals {\n  l = [1,2,3,4,5,6,7,8,9,10]\n  x = "
            + nested("[for v in local.l : ", "]", 9, '"${v}"')
            + "\n}\n"
            + BUCKET % "local.x[0]"
        },
        (("main.tf:3", "500000 parts"),),
    ),
    "doubling texts": Case(
        {
            "main.tf": 'locals {\n  l0 = "xxxxxxxxxx"\n'
            + "".join(f'  l{n + 1} = "${{local.l{n}}}${{local.l{n}}}"\n' for n in range(60))
            + "}\n"
            + BUCKET % "local.l60"
        },
        (("main.tf:", "too much text"),),
    ),
    "doubling lists": Case(
        {
            "main.tf": 'locals {\n  l0 = ["x"]\n'
            + "".join(f"  l{n + 1} = [local.l{n}, local.l{n}]\n" for n in range(60))
            + "}\n"
            + BUCKET % "jsonencode(local.l60)"
        },
        (("main.tf:64", "500000 parts"),),
    ),
    "huge functions": Case(
        {
            "main.tf": "locals {\n  r = range(100000000)\n  n = pow(10, 1000000000)\n"
            + "  p = setproduct(range(1000), range(1000), range(1000), range(1000))\n}\n"
            + 'resource "aws_sqs_queue" "q" {\n  count = 1000000000\n}\n'
            + BUCKET % '"${local.p[0][0]}${local.r[0]}${local.n}"'
        },
        (
            ("main.tf:2", "1024 numbers"),
            ("main.tf:3", "too large"),
            ("main.tf:4", "combinations"),
            ("main.tf:6", "of which 20000 were judged"),
        ),
    ),
    "deep HCL": Case(
        {
            "main.tf": BUCKET % nested("(", ")", 50_000, "1"),
            "list.tf": BUCKET % nested("[", "]", 50_000),
            "blocks.tf": 'resource "aws_s3_bucket" "d" ' + nested("{\n a ", "}\n", 20_000, "{ }"),
            "minus.tf": BUCKET % ("-" * 50_000 + "1"),
            "choice.tf": BUCKET % ("true ? " * 20_000 + "1" + " : 2" * 20_000),
            "text.tf": BUCKET % nested('"${', '}"', 20_000, "1"),
            "sum.tf": BUCKET % ("1" + "+1" * 50_000),
        },
        tuple((f"{name}.tf:", "nested too deep") for name in ("main", "list", "blocks", "minus", "choice", "text")),
    ),
    "deep types and values": Case(
        {
            "main.tf": 'variable "a" {\n  type = ' + nested("list(", ")", 20_000, "string") + "\n}\n",
            "terraform.tfvars": "a = " + nested("[", "]", 20_000) + "\n",
        },
        (("main.tf:2", "nested too deep"), ("terraform.tfvars:1", "nested too deep")),
    ),
    "deep JSON": Case(
        {
            "main.tf.json": '{"resource":{"aws_s3_bucket":{"b":{"bucket":' + nested("[", "]", 50_000) + "}}}}",
            "pod.json": '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":'
            + nested("[", "]", 50_000)
            + "}",
            "plan.json": '{"format_version":"1.2","terraform_version":"1.5.0","planned_values":'
            + nested('{"root_module":', "}", 20_000, "{}")
            + ',"resource_changes":[]}',
        },
        (("main.tf.json:1", "nested deeper"), ("pod.json:1", "nested deeper"), ("plan.json", "nested too deep")),
    ),
    "deep YAML": Case(
        {
            "template.yaml": TEMPLATE
            + "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: "
            + nested("[", "]", 20_000)
            + "\n",
            "functions.yaml": TEMPLATE
            + "Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: "
            + nested("!Sub [x, {a: ", "}]", 90, "1"),
            "pod.yaml": POD + "spec: " + nested("{a: ", "}", 20_000, "1"),
        },
        (("template.yaml:5", "recursion"), ("functions.yaml:6", "nested deeper"), ("pod.yaml:4", "nested deeper")),
    ),
    "aliases": Case(
        {
            "pod.yaml": POD + aliases(12),
            "template.yaml": TEMPLATE + aliases(12) + "Resources:\n  A: {Type: AWS::S3::Bucket}\n",
            "main.tf": BUCKET % f"yamldecode(<<E\n{aliases(12)}E\n)",
        },
        (("pod.yaml:", "too many values"), ("template.yaml:", "too many values"), ("main.tf:1", "500000 parts")),
    ),
    "CloudFormation without end": Case(
        {
            "loop.yaml": TEMPLATE
            + f"Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::A:\n    - x\n    - {list(range(3000))}\n"
            + f"    - Fn::ForEach::B:\n        - y\n        - {list(range(3000))}\n"
            + "        - Q${x}x${y}:\n            Type: AWS::SQS::Queue\n",
            "conditions.yaml": TEMPLATE
            + "Conditions:\n"
            + "".join(f"  C{n}: !And [!Condition C{n + 1}, !Condition C{n + 1}]\n" for n in range(60))
            + "  C60: !Condition C0\nResources:\n  A:\n    Type: AWS::S3::Bucket\n    Condition: C0\n",
            "nests.yaml": TEMPLATE
            + "Resources:\n  N:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: nests.yaml}\n",
        },
        (("loop.yaml:", "makes too much"), ("nests.yaml:3", "nests itself")),
    ),
    "templates without end": Case(
        {
            "main.tf": BUCKET % 'templatefile("${path.module}/self.tpl", {n = 1})',
            "self.tpl": '${templatefile("self.tpl", {n = n})}${templatefile("self.tpl", {n = n})}',
            "loops/main.tf": BUCKET % 'templatefile("${path.module}/loops.tpl", {})',
            "loops/loops.tpl": nested("%{ for a in range(1000) }", "%{ endfor }", 4, "xxxxxxxxxx"),
        },
        (("main.tf:1", "render each other"), ("loops/main.tf:1", "too many turns")),
    ),
    "policies in a circle": Case(
        {
            "main.tf": "".join(
                f'data "aws_iam_policy_document" "{one}" {{\n  source_policy_documents = '
                f"[{', '.join([f'data.aws_iam_policy_document.{two}.json'] * 2)}]\n}}\n"
                for one, two in (("a", "b"), ("b", "a"), *((f"c{n}", f"c{n + 1}") for n in range(40)))
            )
            + 'data "aws_iam_policy_document" "c40" {}\n'
            + 'resource "aws_iam_policy" "p" { policy = data.aws_iam_policy_document.a.json }\n'
            + 'resource "aws_iam_policy" "q" { policy = data.aws_iam_policy_document.c0.json }\n'
        },
        (("main.tf:1", "not known"),),
    ),
    "files outside": Case(
        {
            "main.tf": 'module "m" { source = "./m" }\n'
            + BUCKET % 'file("../../outside.txt")'
            + "".join(
                f'resource "aws_s3_bucket" "b{n}" {{ bucket = {value} }}\n'
                for n, value in enumerate(
                    (
                        'templatefile("${path.module}/../../outside.txt", {})',
                        'file("link.txt")',
                        'file("outside/outside.txt")',
                        'filebase64("/etc/passwd")',
                        'join(",", fileset("../..", "**"))',
                    )
                )
            ),
            "m/main.tf": call("up", "../../../outside") + call("link", "../outside") + call("root", "/outside"),
            "template.yaml": TEMPLATE
            + "Transform: {Name: AWS::Include, Parameters: {Location: ../../outside/part.yaml}}\nResources:\n"
            + "  N:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: ../../outside/stack.yaml}\n"
            + "  O:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: outside/stack.yaml}\n",
        },
        (
            ("main.tf:2", "outside of what is scanned"),
            ("main.tf:3", "outside of what is scanned"),
            ("main.tf:7", "outside of what is scanned"),
            ("m/main.tf:1", "outside of what is scanned"),
            ("m/main.tf:4", "no Terraform files"),
            ("template.yaml:2", "only files beneath the root"),
            ("template.yaml:4", "was not judged"),
            ("template.yaml:7", "was not judged"),
        ),
        links={
            "link.txt": "../../outside.txt",
            "outside": "../../outside",
            "evil.tf": "../../outside/main.tf",
            "o": "o",
        },
    ),
    "malformed UTF-8": Case(
        {
            "main.tf": b'resource "aws_s3_bucket" "b" {\n  bucket = "\xff\xed\xa0\x80"\n}\n',
            "terraform.tfvars": b'a = "\xff"\n',
            "pod.yaml": b"apiVersion: v1\nkind: Pod\nmetadata: {name: \xff}\nspec: {containers: []}\n",
            "template.yaml": TEMPLATE.encode()
            + b"Resources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties: {B: \xff}\n",
            "Dockerfile": b"FROM alpine\xff\nRUN \xfe\xed\n",
        },
        tuple((f"{name}:", "invalid UTF-8") for name in ("main.tf", "terraform.tfvars", "pod.yaml", "template.yaml")),
    ),
    "NUL bytes": Case(
        {
            "main.tf": b'resource "aws_s3_bucket" "b" {\n  bucket = "x"\n\x00}\n',
            "m/main.tf": call("m", "./\\u0000") + BUCKET % 'file("x\\u0000y")',
            "pod.yaml": POD + "\0spec: {}\n",
            "template.json": '{"Resources": {"A": {"Type": "AWS::S3::Bucket\0"}}}',
            "Dockerfile": "FROM alp\0ine\nRUN \0\n",
        },
        (
            ("main.tf:3", "expected"),
            ("m/main.tf:1", "source of a module"),
            ("pod.yaml:4", ""),
            ("template.json:1", "control character"),
        ),
    ),
    "enormous numbers": Case(
        {
            "main.tf": 'resource "aws_sqs_queue" "q" {\n  delay_seconds = ' + "9" * 100_000 + "\n}\n",
            "exponent.tf": BUCKET % ("1e" + "9" * 1000),
            "pod.yaml": POD + f"spec: {{containers: [{{name: a, securityContext: {{runAsUser: {'9' * 10_000}}}}}]}}\n",
            "template.json": '{"Resources":{"Q":{"Type":"AWS::SQS::Queue","Properties":{"D":' + "9" * 10_000 + "}}}}",
        },
        (("main.tf:2", "too long"), ("exponent.tf:1", "too long"), ("template.json:1", "too many digits")),
    ),
    "large files": Case(
        {
            "config.yaml": POD + "data:\n" + "  key: value value value\n" * 400_000,
            "template.yaml": TEMPLATE
            + "Resources:\n  A: {Type: AWS::S3::Bucket}\n"
            + "# a comment that goes on and on\n" * 300_000,
        },
        (("config.yaml:1", "larger than"), ("template.yaml:1", "larger than")),
    ),
    "plans and charts that grow": Case(
        {
            "a.tfplan": zipped({"tfplan": 1 << 20, "tfconfig/m-/main.tf": 200 << 20}),
            "chart.tgz": tarred({"c/Chart.yaml": CHART.encode(), "c/templates/a.yaml": bytes(80 << 20)}),
        },
        (("a.tfplan", "unpacks to more than"), ("chart.tgz", "unpacks to more than")),
    ),
    "Dockerfiles": Case(
        {
            "Dockerfile": "FROM alpine\nRUN <<EOF\n" + "echo x\n" * 200_000 + "EOF\n",
            "a/Dockerfile": "FROM alpine\n" + "RUN <<EOF\nit never ends\n" * 10_000,
            "b/Dockerfile": "FROM alpine\nRUN a \\\n" + "b \\\n" * 400_000,
            "c/Dockerfile": "FROM alpine\nRUN " + nested("$(", ")", 50_000, "x"),
            "d/Dockerfile": "FROM alpine AS a0\n" + "".join(f"FROM a{n} AS a{n + 1}\n" for n in range(20_000)),
            "e/Dockerfile": "ARG A=$B$B$B$B\nARG B=$A$A$A$A\nARG A=$B$B$B$B\nFROM ${A:-${B:-${A:-x}}}\n",
            "f/Dockerfile": "FROM alpine\nCOPY <<A <<B <<C /x\n" + "a\n" * 100 + "A\n",
            "g/Dockerfile": "FROM alpine\nRUN " + nested("[", "]", 50_000) + "\nENV " + "a=b " * 100_000 + "\n",
        },
        (
            ("Dockerfile:2", "could not decide"),
            ("b/Dockerfile:2", "longer than"),
            ("c/Dockerfile:2", "could not decide"),
            ("d/Dockerfile:501", "more than 500 stages"),
        ),
    ),
    "charts without end": Case(
        {
            "c/Chart.yaml": CHART,
            "c/templates/a.yaml": '{{- define "a" }}{{ include "a" . }}{{ include "a" . }}{{ end }}\n'
            + POD.replace("name: a", 'name: {{ include "a" . }}'),
            "d/Chart.yaml": CHART.replace("c", "d", 1),
            "d/templates/a.yaml": POD + 'data: {{ repeat 1000000000 "xxxxxxxxxx" }}\n',
        },
        (("c/templates/a.yaml:4", "could not be rendered"), ("d/Chart.yaml", "was not rendered")),
        helm=True,
    ),
}
