"""Makes the trees that `config.py` measures, the same in every run: they grow from `parts/`, from the examples of the
checks, and from chance with a fixed seed.

In parts `<N>` stands for a number that nothing else in the folder has, `<word>`, `<bool>`, `<cidr>`, `<port>`,
`<count>`, `<size>` and `<text>` for something by chance.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

PARTS = Path(__file__).parent / "parts"
EXAMPLES = Path(__file__).parent.parent / "tests" / "data" / "misconfig" / "checks"
WORDS = (
    *("orders", "billing", "search", "ledger", "intake", "reports", "media", "audit", "gateway", "catalog", "pricing"),
    *("sessions", "metrics", "archive", "partner", "mobile", "fraud", "loyalty", "shipping", "returns", "identity"),
)
TEXTS = (
    "Owned by the platform team; see the runbook before changing anything here",
    "Kept for the yearly audit",
    "Read by the nightly export and by nothing else",
    "Moved here from the old account in the spring",
    "The limit is what the vendor allows for this class of machine",
)
CHOICES: dict[str, Sequence[object]] = {
    "word": WORDS,
    "text": TEXTS,
    "bool": ("true",) * 5 + ("false",),
    "cidr": ("10.0.0.0/8", "10.20.0.0/16", "172.16.4.0/24", "192.168.0.0/16", "10.9.8.0/24", "0.0.0.0/0"),
    "port": (22, 80, 443, 3306, 5432, 6379, 8080, 8443, 9090),
    "count": (1, 2, 3),
    "size": (7, 14, 20, 30, 50, 90, 365),
}
GAP = re.compile(rf"<(N|{'|'.join(CHOICES)})>")
LABEL = re.compile(r'^((?:resource|data) "([^"]+)" )"([^"]+)"', re.MULTILINE)
BAD = 0.2
"""The share of examples that are bad."""
PROVIDERS = ("AWS",) * 16 + ("GCP",) * 3 + ("AZU",) * 2 + ("DIG", "OPNSTK")
"""Whose examples a root module takes."""


class Maker:
    """What a tree is made with. count: of the files written."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root, self.chance, self.count, self._number = root, random.Random(seed), 0, 0
        parts = {path.relative_to(PARTS).as_posix(): path.read_text() for path in sorted(PARTS.rglob("*.*"))}
        self._parts = parts
        self.folders = {
            folder: [text for name, text in parts.items() if name.startswith(f"{folder}/")]
            for folder in ("root", "child", "kubernetes", "cloudformation", "docker")
        }
        self._examples: dict[tuple[str, bool], list[str]] = {}
        for path in sorted(EXAMPLES.glob("*/*.tf")):
            text = path.read_text().replace("# vigie:expect", "").strip()
            if not re.search(
                r"^(variable|locals|provider|terraform|module|output)\b|vigie:|trivy:", text, re.MULTILINE
            ):
                key = (path.parent.name.partition("-")[0], path.name.startswith("bad"))
                self._examples.setdefault(key, []).append(text)

    def write(self, path: str, *texts: str) -> None:
        """A file, of texts with an empty line between them."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("\n".join(text.strip("\n") + "\n" for text in texts))
        self.count += 1

    def number(self) -> int:
        """A number that was not there before."""
        self._number += 1
        return self._number

    def fill(self, text: str) -> str:
        """A text with its gaps filled."""
        number = str(self.number())
        return GAP.sub(lambda gap: number if gap[1] == "N" else str(self.chance.choice(CHOICES[gap[1]])), text)

    def part(self, name: str, **gaps: str) -> str:
        """A part by its name; gaps: further ones of its own."""
        text = self._parts[name]
        for gap, value in gaps.items():
            text = text.replace(f"<{gap}>", value)
        return self.fill(text)

    def any_part(self, folder: str) -> str:
        """One of the parts of a folder."""
        return self.fill(self.chance.choice(self.folders[folder]))

    def example(self, provider: str) -> str:
        """An example of a check with labels of its own."""
        text = self.chance.choice(self._examples[provider, self.chance.random() < BAD])
        number = self.number()
        for _, type_, label in set(LABEL.findall(text)):
            text = re.sub(rf"\b{type_}\.{re.escape(label)}\b", f"{type_}.{label}_{number}", text)
        return LABEL.sub(rf'\1"\3_{number}"', text)


def root_module(make: Maker, folder: str, files: int, children: Iterable[str]) -> None:
    """A root module of so many files that calls some of the children (paths)."""
    provider = make.chance.choice(PROVIDERS)
    up = "../" * (folder.count("/") + 1)
    calls = [make.part("base/call.tf", CALL=f"{Path(c).name}_{make.number()}", SOURCE=up + c) for c in children]
    make.write(f"{folder}/main.tf", make.part("base/key.tf"), *calls)
    for name in ("variables", "locals", "outputs", "versions"):
        make.write(f"{folder}/{name}.tf", make.part(f"base/{name}.tf"))
    for _ in range(files - 5):
        blocks = [make.any_part("root") for _ in range(make.chance.randrange(1, 4))]
        blocks += [make.example(provider) for _ in range(make.chance.randrange(1, 8))]
        make.chance.shuffle(blocks)
        make.write(f"{folder}/{make.chance.choice(WORDS)}_{make.number()}.tf", *blocks)


def child_module(make: Maker, folder: str, inner: str = "", versions: bool = True) -> None:
    """A module that is called. inner: one beside it that it calls itself."""
    blocks = [make.any_part("child") for _ in range(make.chance.randrange(2, 4))]
    if inner:
        blocks.append(make.part("base/call_of_child.tf", CALL=inner, SOURCE=f"../{inner}"))
    make.write(f"{folder}/main.tf", *blocks)
    make.write(f"{folder}/variables.tf", make.part("base/child.tf"))
    make.write(f"{folder}/outputs.tf", 'output "name" {\n  value = local.full\n}\n')
    if versions:
        make.write(f"{folder}/versions.tf", 'terraform {\n  required_version = ">= 1.5"\n}\n')


def child_modules(make: Maker, count: int, versions: bool) -> list[str]:
    """Modules that are called, every third by another one."""
    for index in range(count):
        inner = f"part-{index + 1}" if index % 3 == 0 and index + 1 < count else ""
        child_module(make, f"modules/part-{index}", inner, versions)
    return [f"modules/part-{index}" for index in range(count)]


def settings(make: Maker, folder: str) -> None:
    """The variables' values of a root module."""
    open_port = make.chance.choice(CHOICES["port"])
    make.write(
        f"{folder}/terraform.tfvars",
        make.fill('name        = "<word>"\nenvironment = "prod"\nencrypted   = <bool>\n'),
        f'rules = [\n  {{ description = "from outside", port = {open_port}, cidrs = ["0.0.0.0/0"] }},\n]\n',
    )


def manifest(make: Maker) -> str:
    """Some objects of Kubernetes in one file."""
    objects = [part for part in make.folders["kubernetes"] if "kind: Deployment" not in part]
    parts = [make.fill(make.chance.choice(objects)) for _ in range(make.chance.randrange(1, 4))]
    if make.chance.random() < 0.4:
        parts.insert(0, make.part("kubernetes/deployment.yaml"))
    return "---\n".join(parts)


def template(make: Maker) -> str:
    """A CloudFormation template."""
    head = make.part("cloudformation/template.yaml")
    bodies = [part for part in make.folders["cloudformation"] if not part.startswith("AWSTemplate")]
    return head + "".join(make.fill(make.chance.choice(bodies)) for _ in range(make.chance.randrange(4, 14)))


def definition(make: Maker) -> str:
    """A custom resource definition: a manifest in which nothing is judged, as long as they are."""
    chance = make.chance
    kind = f"{chance.choice(WORDS).title()}{make.number()}"
    lines = [
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition",
        f"metadata:\n  name: {kind.lower()}s.example.com\nspec:\n  group: example.com\n  scope: Namespaced",
        f"  names: {{kind: {kind}, plural: {kind.lower()}s}}\n  versions:\n    - name: v1\n      served: true",
        "      storage: true\n      schema:\n        openAPIV3Schema:\n          type: object\n          properties:",
    ]
    for index in range(chance.randrange(40, 1200)):
        lines.append(
            f"            {chance.choice(WORDS)}{index}:\n              type: object\n"
            f"              description: {chance.choice(TEXTS)}.\n              properties:\n"
            f"                size: {{type: integer, minimum: {chance.randrange(9)}}}\n"
            "                names:\n                  type: array\n                  items: {type: string}"
        )
    return "\n".join(lines)


def other(make: Maker) -> str:
    """YAML that is no configuration of this kind: a pipeline, an interface, settings."""
    chance = make.chance
    kind = chance.randrange(3)
    if kind == 0:
        steps = "".join(
            f"      - name: {chance.choice(WORDS)} {step}\n        run: make {chance.choice(WORDS)}\n"
            for step in range(chance.randrange(3, 60))
        )
        return f"name: build\non: [push]\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"
    if kind == 1:
        paths = "".join(
            f"  /{chance.choice(WORDS)}/{index}:\n    get:\n      summary: {chance.choice(TEXTS)}\n      responses:\n"
            f"        '200': {{description: {chance.choice(WORDS)}}}\n"
            for index in range(chance.randrange(10, 200))
        )
        return f"openapi: 3.0.3\ninfo: {{title: {chance.choice(WORDS)}, version: 1.0.0}}\npaths:\n{paths}"
    notes = {chance.choice(WORDS): {"port": chance.randrange(9999), "note": chance.choice(TEXTS)} for _ in range(9)}
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in notes.items())


def single(make: Maker) -> None:
    """One file of some 200 lines: a bit of everything that AWS has."""
    names = ("s3_bucket_data", "s3_bucket_logs", "security_group_service", "instance_host", "db_instance_db")
    kept = ("environment", "zones", "rules", "encrypted", "public", "secret")
    blocks = re.split(r"\n(?=variable )", make.part("base/variables.tf"))
    variables = "\n".join(block for block in blocks if any(block.startswith(f'variable "{name}"') for name in kept))
    parts = [make.part(f"root/{name}.tf") for name in names]
    make.write("main.tf", variables, make.part("base/few_locals.tf"), make.part("base/key.tf"), *parts)


def project(make: Maker) -> None:
    """72 files: 47 of Terraform in four root modules and five that they call, and what stands beside them."""
    children = child_modules(make, 5, versions=False)
    for name in ("network", "data", "apps", "monitoring"):
        root_module(make, f"infra/{name}", 8, make.chance.sample(children, 3))
    for name in ("data", "apps"):
        settings(make, f"infra/{name}")
    for index in range(12):
        make.write(f"deploy/base/{WORDS[index]}.yaml", manifest(make))
    for index in range(3):
        make.write(f"cloudformation/{WORDS[index]}.yaml", template(make))
        make.write(f".github/workflows/{WORDS[index]}.yml", other(make))
    for index in range(5):
        make.write(f"services/{WORDS[index]}/Dockerfile", make.any_part("docker"))


def monorepo(make: Maker, size: int = 1) -> None:
    """4,362 files at size 1: 2,400 of Terraform in 200 root modules and 50 that they call, 22 with values of
    variables, 1,770 of YAML, 170 Dockerfiles."""
    children = child_modules(make, 50, versions=True)
    for index in range(200 * size):
        folder = f"live/{WORDS[index % len(WORDS)]}/stack-{index}"
        root_module(make, folder, 11, make.chance.sample(children, make.chance.randrange(2, 6)))
        if index % 9 == 0 and index < 198 * size:
            settings(make, folder)
    for count, folder, text in (
        (600, "deploy", manifest),
        (150, "cloudformation", template),
        (60, "deploy/crds", definition),
        (960, "docs", other),
    ):
        for index in range(count * size):
            make.write(f"{folder}/{WORDS[index % len(WORDS)]}/{index}.yaml", text(make))
    for index in range(170 * size):
        make.write(f"services/{WORDS[index % len(WORDS)]}-{index}/Dockerfile", make.any_part("docker"))


def nested(make: Maker, size: int = 1) -> None:
    """A root module that calls modules, five deep: 200 calls at size 1, all of them and all resources with for_each."""
    widths = [8 * size, 16 * size, 32 * size, 64 * size, 80 * size]

    def call(index: int, source: str, each: str, names: str, prefix: str) -> str:
        gaps = {"CALL": f"m{index}", "SOURCE": source, "EACH": each, "NAMES": names, "PREFIX": prefix}
        return make.part("nested/call.tf", **gaps)

    first = 'toset(["blue", "green"])'
    head = [call(i, f"./modules/l0-{i}", first, "{ one = 1, two = 2 }", "root") for i in range(widths[0])]
    make.write("main.tf", *head)
    for level, width in enumerate(widths):
        below = widths[level + 1] if level + 1 < len(widths) else 0
        for index in range(width):
            each = 'toset(["in"])' if level else 'toset(["left", "right"])'
            names = "{ for k, v in var.names : k => v + 1 }"
            called = range(index, below, width)
            inner = [call(i, f"../l{level + 1}-{i}", each, names, "${var.prefix}") for i in called]
            make.write(f"modules/l{level}-{index}/main.tf", make.part("nested/module.tf"), *inner)


TREES: dict[str, Callable[[Maker], None]] = {
    "file": single,
    "project": project,
    "monorepo": monorepo,
    "monorepo-2": lambda make: monorepo(make, 2),
    "nested": nested,
    "nested-2": lambda make: nested(make, 2),
    "nested-4": lambda make: nested(make, 4),
}


def tree(folder: Path, name: str) -> Path:
    """A tree of this name, made when it is not there yet."""
    root = folder / "configuration" / name
    if not root.exists():
        temporary = root.with_name(f"{name}.part")
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        TREES[name](Maker(temporary, 20261122))
        temporary.rename(root)
    return root


if __name__ == "__main__":
    for name in TREES:
        root = tree(Path(__file__).parent.parent / "build" / "bench", name)
        files = [path for path in root.rglob("*") if path.is_file()]
        print(f"{name}: {len(files)} files, {sum(path.stat().st_size for path in files) / 1e6:.1f} MB")
