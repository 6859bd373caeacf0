"""A small image as people build them: a Debian, a Python wheel, a package of Node.js, a gem."""

from __future__ import annotations

from builders.image import Image

OS_RELEASE = b'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'


def status(**versions: str) -> bytes:
    """A dpkg status file."""
    paragraph = (
        "Package: {}\nStatus: install ok installed\nArchitecture: amd64\nMaintainer: A <a@example.org>\nVersion: {}\n"
    )
    return "\n".join(paragraph.format(name, version) for name, version in versions.items()).encode()


def wheel(name: str, version: str) -> dict[str, bytes]:
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nLicense: BSD\n"
    return {f"usr/lib/python3/site-packages/{name}-{version}.dist-info/METADATA": metadata.encode()}


def gem(name: str, version: str) -> dict[str, bytes]:
    text = f"""# -*- encoding: utf-8 -*-
# stub: {name} {version} ruby lib

Gem::Specification.new do |s|
  s.name = "{name}".freeze
  s.version = "{version}"
  s.licenses = ["MIT".freeze]
end
"""
    return {f"usr/lib/ruby/gems/3.1.0/specifications/{name}-{version}.gemspec": text.encode()}


OLD, NEW = "3.0.9-1", "3.0.11-1~deb12u2"
SYSTEM = {"etc/os-release": OS_RELEASE, "etc/debian_version": b"12.4\n"}
STATUS = "var/lib/dpkg/status"
NODE = "srv/node_modules/lodash/package.json"

BASE = {**SYSTEM, STATUS: status(bash="5.2.15-2", openssl=OLD, zlib="1:1.2.13.dfsg-1")}
PYTHON = wheel("Jinja2", "2.4.1")
LIBRARIES = {NODE: b'{"name": "lodash", "version": "4.17.4", "license": "MIT"}', **gem("rack", "2.0.1")}
HISTORY = [
    {"created_by": "/bin/sh -c #(nop) ADD file:0a in / "},
    {"created_by": '/bin/sh -c #(nop)  CMD ["bash"]', "empty_layer": True},
    {"created_by": "RUN /bin/sh -c pip install Jinja2==2.4.1 # buildkit", "comment": "buildkit"},
    {"created_by": "RUN /bin/sh -c npm install lodash && gem install rack # buildkit", "comment": "buildkit"},
]
IMAGE = Image(BASE, PYTHON, LIBRARIES, history=HISTORY)

FOUND = {
    ("CVE-2099-1001", "openssl", OLD),
    ("CVE-2099-1002", "zlib", "1:1.2.13.dfsg-1"),
    ("CVE-2099-2001", "Jinja2", "2.4.1"),
    ("CVE-2099-2002", "Jinja2", "2.4.1"),
    ("CVE-2099-3001", "lodash", "4.17.4"),
    ("CVE-2099-4001", "rack", "2.0.1"),
}
"""(id, package, version) that the advisories of `conftest.py` say of this image."""
