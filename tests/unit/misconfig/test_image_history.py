"""The history of an image, told as a Dockerfile, in the forms of both builders."""

from __future__ import annotations

from pathlib import Path

from builders.image import Image, archive
from vigie.compose import scan
from vigie.misconfig.languages.dockerfile.history import dockerfile_of
from vigie.settings.groups import ImageOptions, Options, ScanOptions

HISTORY = [
    {"created_by": "/bin/sh -c #(nop) ADD file:0a in / "},
    {"created_by": '/bin/sh -c #(nop)  CMD ["bash"]', "empty_layer": True},
    {"created_by": "|1 A=b /bin/sh -c apt-get update"},
    {"created_by": "RUN /bin/sh -c pip install x # buildkit", "comment": "buildkit"},
    {"created_by": "RUN |1 A=b /bin/sh -c make\tall\n&& true # buildkit"},
    {"created_by": "COPY app /app # buildkit"},
    {"created_by": 'CMD ["app"]'},
    {"created_by": "EXPOSE map[22/tcp:{}]"},
    {"created_by": "some tool"},
    {"created_by": ""},
    {"comment": "no command"},
    "nonsense",
]


def test_both_builders() -> None:
    config = {"history": HISTORY, "config": {"User": "app", "Healthcheck": {"Test": ["CMD-SHELL", "curl -f x"]}}}
    assert dockerfile_of(config).decode().splitlines() == [
        "FROM scratch",
        "ADD file:0a in /",
        'CMD ["bash"]',
        "RUN apt-get update",
        "RUN pip install x",
        "RUN make all && true",
        "COPY app /app",
        'CMD ["app"]',
        "EXPOSE map[22/tcp:{}]",
        "RUN some tool",
        "USER app",
        'HEALTHCHECK CMD ["curl -f x"]',
    ]
    assert dockerfile_of({"history": "x", "config": []}) == b"FROM scratch\n"


def test_an_image_is_judged(tmp_path: Path) -> None:
    image = Image({"etc/x": b""}, history=[{"created_by": "RUN /bin/sh -c apt-get install curl # buildkit"}])
    saved = archive(tmp_path / "image.tar", image)
    options = Options(
        scan=ScanOptions(scanners=("misconfig",)),
        image=ImageOptions(input=str(saved), config_scanners=("misconfig",)),
    )
    report = scan("", "image", options)
    (result,) = report.results
    assert (result.type, result.target) == ("dockerfile", str(saved))
    found = {finding.id for finding in result.misconfigurations}
    assert found >= {"DS-0002", "DS-0021", "DS-0026", "DS-0029"}
    assert not found & {"DS-0001", "DS-0007", "DS-0016"}
