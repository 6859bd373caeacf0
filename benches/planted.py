"""Makes files with secrets of every rule in them, and files with what looks like secrets and is none.

A secret is an example of its rule, made anew from a seed, and written as it is written in practice: where the example
is a name and a value, or a value that is known by itself, in the ways of a dozen languages and formats (`FORMS`); else
as it stands, in a text with other line ends, indented, behind a long line. Nothing here asks a rule's expression where
its secret is, so that a rule which demands too much loses. What it demands of the file's path is given (`PLACES`).
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from typing import NamedTuple

from vigie.secrets.examples import fill
from vigie.secrets.rules import PARTS, SecretRule

SEEDS = 2
"""Of each example, in the forms of its turn."""


class Planted(NamedTuple):
    """A file with one secret: lines first to last, from 1, are those it stands in."""

    rule: str
    path: str
    content: bytes
    first: int
    last: int
    form: str


PYTHON = '''"""Orders: what a customer wants, and when it is sent."""
import datetime
from dataclasses import dataclass

PAGE_SIZE = 50
RETRIES = 3

@@

@dataclass
class Order:
    number: int
    created: datetime.datetime

    def late(self, now: datetime.datetime) -> bool:
        return now - self.created > datetime.timedelta(days=RETRIES)
'''
SCRIPT = """import { readFile } from "node:fs/promises";
// keys of the cache are made of the path and the time
const cache = new Map();

export const settings = {
  timeout: 3000,
@@
  retries: 3,
};

export async function load(path) {
  if (!cache.has(path)) cache.set(path, await readFile(path, "utf8"));
  return cache.get(path);
}
"""
GO = """package main

import "fmt"

const pageSize = 50

@@

func main() {
	for page := 0; page < pageSize; page++ {
		fmt.Println("page", page)
	}
}
"""
JAVA = """package org.shop.orders;

public final class Client {
    private static final int RETRIES = 3;
@@

    /** Sends the order again until it is taken. */
    public void send(Order order) throws IOException {
        for (int attempt = 0; attempt < RETRIES; attempt++) transport.put(order.key(), order.body());
    }
}
"""
RUST = """use std::time::Duration;

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(30);
@@

pub fn page(number: usize) -> std::ops::Range<usize> {
    number * 50..(number + 1) * 50
}
"""
PLAIN = "# settings of the shop\nHOST=0.0.0.0\nPORT=8080\n@@\nLOG_LEVEL=info\nWORKERS=4\n"
YAML = "apiVersion: v2\nname: shop\nreplicas: 3\nservice:\n  port: 8080\n@@\n  timeout: 30s\nlabels:\n  team: orders\n"
JSON = '{\n  "name": "shop",\n  "port": 8080,\n@@\n  "log": {"level": "info", "keys": ["time", "path"]}\n}\n'
TERRAFORM = (
    'terraform {\n  required_version = ">= 1.5"\n}\n\nmodule "shop" {\n  source = "./shop"\n@@\n  size   = 3\n}\n'
)
DOCKER = "FROM debian:12-slim\nWORKDIR /srv\nCOPY . .\n@@\nRUN make -j4 && make install\nUSER 1000\n"
SHELL = '#!/bin/sh\nset -eu\ncd "$(dirname "$0")"\n@@\nfor host in web1 web2; do rsync -a build/ "$host:/srv/"; done\n'
LOG = "2026-03-01T10:00:00Z INFO start version=1.4.2\n@@\n2026-03-01T10:00:04Z INFO 200 GET /orders?page=2 12ms\n"
MARKDOWN = "# The shop\n\nSet up the settings, then start it:\n\n@@\n\n    make run\n\nIt listens on port 8080.\n"
XML = '<?xml version="1.0"?>\n<configuration>\n  <port>8080</port>\n@@\n  <level>info</level>\n</configuration>\n'
PROPERTIES = "# the shop\nserver.port=8080\n@@\nlogging.level.root=INFO\n"
TOML = 'title = "shop"\n\n[server]\nport = 8080\n@@\nworkers = 4\n'
MINIFIED = (
    "!function(e,t){" + "".join(f"var a{n}=t(e[{n}]);a{n}.key=n({n});" for n in range(300)) + "@@" + "return e}(this);"
)
BARE = "@@"

FORMS = (
    # name, file, text around, how it is written. {upper} NAME_OF_IT, {snake}, {camel}, {pascal}, {kebab}, {dots}
    ("env", ".env", PLAIN, "{upper}={value}"),
    ("env quoted", ".env.production", PLAIN, '{upper}="{value}"'),
    ("env export", ".envrc", PLAIN, "export {upper}='{value}'"),
    ("python", "orders.py", PYTHON, '{upper} = "{value}"'),
    ("python typed", "orders.py", PYTHON, '{snake}: str = "{value}"'),
    ("python argument", "orders.py", PYTHON, "client = Client(retries=3, {snake}='{value}')"),
    ("python environment", "orders.py", PYTHON, 'os.environ["{upper}"] = "{value}"'),
    ("python dict", "orders.py", PYTHON, "settings = {{'{snake}': '{value}'}}"),
    ("javascript", "settings.js", SCRIPT, "  {camel}: '{value}',"),
    ("javascript const", "settings.mjs", SCRIPT, '}};\nconst {camel} = "{value}";\nconst others = {{'),
    ("typescript", "settings.ts", SCRIPT, "  {upper}: `{value}`,"),
    ("typescript typed", "settings.ts", BARE, 'export const {camel}: string = "{value}";\n'),
    ("minified", "app.min.js", MINIFIED, 'n.{camel}="{value}";'),
    ("go", "main.go", GO, 'const {camel} = "{value}"'),
    ("go short", "main.go", GO, '\t{camel} := "{value}"'),
    ("go field", "main.go", GO, 'var client = Client{{{pascal}: "{value}"}}'),
    ("go environment", "main.go", GO, 'os.Setenv("{upper}", "{value}")'),
    ("java", "Client.java", JAVA, '    private static final String {upper} = "{value}";'),
    ("java property", "Client.java", JAVA, '    static {{ System.setProperty("{dots}", "{value}"); }}'),
    ("c#", "Client.cs", JAVA, '    public string {pascal} {{ get; }} = "{value}";'),
    ("rust", "lib.rs", RUST, 'const {upper}: &str = "{value}";'),
    ("rust let", "lib.rs", RUST, 'let {snake} = "{value}".to_owned();'),
    ("ruby", "settings.rb", BARE, "config = {{\n  :{snake} => '{value}',\n}}\n"),
    ("php", "config.php", BARE, "<?php\ndefine('{upper}', '{value}');\n"),
    ("php array", "config.php", BARE, "<?php\nreturn [\n    '{snake}' => '{value}',\n];\n"),
    ("yaml", "values.yaml", YAML, "  {snake}: {value}"),
    ("yaml quoted", "values.yaml", YAML, '  {camel}: "{value}"'),
    ("kubernetes", "deployment.yaml", YAML, '  env:\n    - name: {upper}\n      value: "{value}"'),
    ("compose", "compose.yaml", YAML, "  environment:\n    - {upper}={value}"),
    ("json", "settings.json", JSON, '  "{camel}": "{value}",'),
    ("json compact", "settings.json", BARE, '{{"port":8080,"{snake}":"{value}","level":"info"}}'),
    ("json escaped", "event.json", BARE, '{{"body":"{{\\"{snake}\\":\\"{value}\\",\\"port\\":8080}}"}}\n'),
    ("terraform", "main.tf", TERRAFORM, '  {snake} = "{value}"'),
    ("tfvars", "prod.auto.tfvars", BARE, '{snake}    = "{value}"\n'),
    ("dockerfile", "Dockerfile", DOCKER, "ENV {upper}={value}"),
    ("dockerfile blank", "Dockerfile", DOCKER, "ENV {upper} {value}"),
    ("dockerfile arg", "Dockerfile", DOCKER, 'ARG {upper}="{value}"'),
    ("shell", "deploy.sh", SHELL, "export {upper}={value}"),
    ("shell before", "deploy.sh", SHELL, '{upper}="{value}" make deploy'),
    ("shell option", "deploy.sh", SHELL, "deployer --{kebab} {value} --verbose"),
    ("shell option =", "deploy.sh", SHELL, "deployer --{kebab}={value} --verbose"),
    ("powershell", "deploy.ps1", BARE, '$env:{upper} = "{value}"\n'),
    ("batch", "deploy.bat", BARE, "@echo off\nset {upper}={value}\n"),
    ("log", "service.log", LOG, "2026-03-01T10:00:02Z DEBUG environment {upper}={value} PWD=/srv"),
    ("log json", "service.log", LOG, '{{"time":"10:00:02","level":"debug","{snake}":"{value}"}}'),
    ("markdown", "README.md", MARKDOWN, "    {upper}={value}"),
    ("markdown inline", "README.md", MARKDOWN, "Put `{upper}={value}` into the environment."),
    ("xml", "settings.xml", XML, "  <{camel}>{value}</{camel}>"),
    ("xml attribute", "app.config", XML, '  <add key="{camel}" value="{value}" />'),
    ("properties", "application.properties", PROPERTIES, "{dots}={value}"),
    ("properties spaced", "application.properties", PROPERTIES, "{dots} = {value}"),
    ("toml", "settings.toml", TOML, '{snake} = "{value}"'),
    ("string", "message.json", BARE, '{{"text":"set\\n{upper}={value}\\nand start"}}\n'),
    ("ini", "settings.ini", BARE, "[shop]\r\n{snake} = {value}\r\n"),
)
QUOTED = frozenset(name for name, *_, how in FORMS if re.search(r"""["'`]\{value\}["'`]""", how))

PLACES = {
    "docker-config-auth": ".docker/config.json",
    "generic-environment-secret": ".env",
    "git-credentials": ".git-credentials",
    "gradle-signing-password": "app/build.gradle",
    "kubeconfig-user-token": ".kube/config",
    "maven-settings-passphrase": ".m2/settings.xml",
    "maven-settings-password": ".m2/settings.xml",
    "maven-settings-security-master": ".m2/settings-security.xml",
    "mysql-option-file-password": ".my.cnf",
    "oracle-cloud-key-passphrase": ".oci/config",
    "pgpass-password": ".pgpass",
    "pypirc-password": ".pypirc",
    "rclone-obscured-password": ".config/rclone/rclone.conf",
    "s3cfg-secret-key": ".s3cfg",
    "spring-datasource-password": "src/main/resources/application.properties",
    "terraform-state-secret": "terraform.tfstate",
    "wifi-passphrase": "wpa_supplicant.conf",
}
"""A path for each rule that asks for one."""

_ASSIGNMENT = re.compile(
    r"""(?:export |ENV |ARG )?["']?([A-Za-z_][\w.-]*)["']?\s*(?:=>|:=|=|:)\s*(["']?)((?!//)[^\s"';]+)\2[;,]?"""
)


def planted(rules: tuple[SecretRule, ...], salt: str = "") -> Iterator[Planted]:
    """Secrets of these rules, which come with their examples; the same ones in every run with the same salt."""
    for rule in rules:
        turn = random.Random(rule.id).randrange(len(FORMS))
        for number, example in enumerate(rule.examples):
            written = named(rule, example)
            for seed in range(SEEDS):
                text = fill(example, f"{rule.id}/{number}/{seed}{salt}")
                yield from _as_it_stands(rule, text, seed)
            if written in {"value", "all"}:
                _, value = split(fill(example, f"{rule.id}/{number}/line{salt}"), written)
                yield _file(rule, "message.json", BARE, f'{{"text":"see\\n{value}\\n"}}', "line of a string")
            forms = [form for form in FORMS if not _quotes_only(rule) or form[0] in QUOTED] if written else []
            for step in range(len(forms)):
                text = fill(example, f"{rule.id}/{number}/{step}/form{salt}")
                name, value = split(text, written)
                form, path, around, how = forms[(turn + step) % len(forms)]
                text = how.format(value=value, **styles(name))
                yield _file(rule, path, around, text, form)


def named(rule: SecretRule, example: str) -> str:
    """How an example may be written otherwise: its "name" and value, the "value" of a name that does not matter, itself
    as a value ("all"), or "": as it stands only."""
    if rule.id in PLACES:
        return ""
    found = _ASSIGNMENT.fullmatch(example)
    anywhere = not rule.pattern.startswith("^") and not rule.pattern.endswith("$")
    if found and (PARTS["assign"] in rule.pattern or _quotes_only(rule)):
        return "name"
    if found and anywhere and _known_by_itself(rule, found[3]):
        return "value"
    return "all" if anywhere and re.fullmatch(r"\S+", example) and _known_by_itself(rule, example) else ""


def _known_by_itself(rule: SecretRule, value: str) -> bool:
    """Whether what a rule looks for is in the value, not in a name beside it."""
    return any(word.lower() in value.lower() for word in rule.keywords) and not re.search(r"[\"'<>\\]", value)


def _quotes_only(rule: SecretRule) -> bool:
    """The rules of assignments of whatever provider ask for quotes."""
    return rule.id in {"generic-api-key", "generic-secret", "generic-password"}


def split(text: str, written: str) -> tuple[str, str]:
    """Name and value of an example that is written so (`named`)."""
    found = _ASSIGNMENT.fullmatch(text)
    if written == "all" or not found:
        return "connection", text
    return found[1] if written == "name" else "connection", found[3]


def styles(name: str) -> dict[str, str]:
    """A name as languages write it."""
    words = [word.lower() for word in re.findall(r"[A-Z][0-9A-Z]*(?![a-z])|[A-Z]?[0-9a-z]+", name)]
    pascal = "".join(word.capitalize() for word in words)
    snake = "_".join(words)
    camel = pascal[:1].lower() + pascal[1:]
    kebab, dots = "-".join(words), ".".join(words)
    return {"upper": snake.upper(), "snake": snake, "camel": camel, "pascal": pascal, "kebab": kebab, "dots": dots}


def _as_it_stands(rule: SecretRule, text: str, seed: int) -> Iterator[Planted]:
    path = PLACES.get(rule.id, "notes.txt")
    bound = rule.id in PLACES
    yield _file(rule, path, BARE, text, "alone")
    yield _file(rule, path, BARE if bound else PLAIN, f"{text}\n", "lines around")
    yield _file(rule, path, BARE, text.replace("\n", "\r\n") + "\r\n", "CRLF")
    if not bound:
        long = "".join(f"data{n}:[{n * 7919 % 1000}]," for n in range(1500))
        yield _file(rule, path, f"{long}\n@@\nend\n", text, "after a long line")
    if not bound and not rule.pattern.startswith("^"):
        spaces = "\n".join("    " + line for line in text.split("\n"))
        yield _file(rule, "notes.md", MARKDOWN, spaces, "indented")
    if seed == 0 and rule.check == "private-key":
        escaped = json.dumps(text)
        yield _file(rule, "settings.json", JSON, f'  "pem": {escaped},', "JSON string")


def _file(rule: SecretRule, path: str, around: str, text: str, form: str) -> Planted:
    before, _, after = around.partition("@@")
    first = before.count("\n") + 1
    content = f"{before}{text}{after}".encode()
    return Planted(rule.id, path, content, first, first + text.strip("\n").count("\n"), form)
