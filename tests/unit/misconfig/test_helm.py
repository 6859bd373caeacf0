"""Helm charts: what is rendered, what it is judged as, and what cannot be rendered.

What is expected comes from Helm's documentation of charts and flags, and from the templates of each case.
"""

from __future__ import annotations

import io
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from vigie.artifacts.filesystem import compile_glob
from vigie.errors import UsageError
from vigie.misconfig.detector import Judged, detect
from vigie.misconfig.languages.helm import charts, engine, language, marks, renderer
from vigie.misconfig.languages.helm.settings import KUBE_VERSION, Settings, read
from vigie.misconfig.languages.kubernetes import language as kubernetes
from vigie.model.inventory import Configuration
from vigie.model.misconfiguration import Misconfiguration
from vigie.settings.groups import MisconfigOptions

CHART = "apiVersion: v2\nname: {name}\nversion: 1.0.0\n"
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}
spec:
  containers:
    {{- range .Values.names }}
    - name: {{ . }}
      image: "i:1"
      securityContext:
        privileged: {{ $.Values.privileged }}
    {{- end }}
"""
VALUES = "names: [a, b]\nprivileged: true\n"

needs_engine = pytest.mark.skipif(not renderer.installed(), reason="the Helm engine is not installed")


@pytest.fixture(autouse=True)
def no_engine_left():
    yield
    renderer.stop()
    read.cache_clear()


class Folder:
    """A tree of a folder, as `vigie.scanner.analyzer.Tree` has it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, path: str) -> bytes | None:
        file = self.root / path
        return file.read_bytes() if file.is_file() and not file.is_symlink() else None

    def glob(self, pattern: str) -> list[str]:
        matches = compile_glob(pattern).fullmatch
        files = (file for file in self.root.rglob("*") if file.is_file() and not file.is_symlink())
        return sorted(path for file in files if matches(path := str(file.relative_to(self.root))))


def judged(root: Path, around: bool = True, **options: object) -> Judged:
    """What is found in a folder. around: whether more can be read than what languages asked for."""
    tree = Folder(root)
    found: list[Configuration] = []
    for one in (kubernetes, language):
        paths = sorted({path for pattern in one.globs for path in tree.glob(pattern)})
        data = {path: tree.read(path) or b"" for path in paths}
        found += (Configuration(one.name, path, data[path]) for path in paths if one.recognise(path, data[path]))
    return detect(found, tree if around else None, [kubernetes, language], MisconfigOptions(**options))  # type: ignore[arg-type]


def write(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def chart(root: Path, templates: dict[str, str], name: str = "shop", values: str = VALUES, more: str = "") -> Path:
    files = {f"templates/{path}": text for path, text in templates.items()}
    return write(root, {"Chart.yaml": CHART.format(name=name) + more, "values.yaml": values, **files})


def of(judged: Judged, id_: str) -> list[tuple[str, int, int, str]]:
    """Target, lines and message of one check's findings, in order."""
    found: list[tuple[str, Misconfiguration]] = []
    for result in judged.results:
        found += ((result.target, f) for f in result.findings if isinstance(f, Misconfiguration) and f.id == id_)
    return [(target, finding.start, finding.end, finding.message) for target, finding in found]


def privileged(judged: Judged) -> list[tuple[str, str]]:
    """Target and message of each privileged container."""
    return [(target, message) for target, _, _, message in of(judged, "KSV-0017")]


def archive(files: dict[str, str | bytes], top: str = "shop") -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as packed:
        for path, text in files.items():
            data = text if isinstance(text, bytes) else text.encode()
            info = tarfile.TarInfo(f"{top}/{path}")
            info.size = len(data)
            packed.addfile(info, io.BytesIO(data))
    return held.getvalue()


@needs_engine
def test_findings_stand_in_the_template(tmp_path: Path) -> None:
    """A template is judged once: as Helm, at its own lines."""
    chart(tmp_path / "deploy/shop", {"pod.yaml": POD})
    result = judged(tmp_path)
    assert not result.problems
    assert of(result, "KSV-0017") == [
        ("deploy/shop/templates/pod.yaml", 8, 11, f"Container '{name}' of Pod 'shop' is privileged: "
         "'securityContext.privileged' is true.")
        for name in "ab"
    ]  # fmt: skip
    assert {one.type for one in result.results} == {"helm"}
    code = next(f.code for f in result.results[0].findings if isinstance(f, Misconfiguration) and f.id == "KSV-0017")
    assert [line.content for line in code] == POD.split("\n")[7:11]


@needs_engine
def test_ignore_comments_of_the_template_count(tmp_path: Path) -> None:
    chart(tmp_path, {"pod.yaml": POD.replace("    - name", "    {{/* vigie:ignore=KSV-0017 a reason */}}\n    - name")})
    result = judged(tmp_path)
    assert privileged(result) == []
    assert {(s.statement, s.source) for one in result.results for s in one.suppressed} == {
        ("a reason", "templates/pod.yaml:8")
    }


@needs_engine
def test_values_of_the_options(tmp_path: Path) -> None:
    """Files, then set, set-string, set-file: https://helm.sh/docs/helm/helm_template/."""
    chart(tmp_path / "c", {"pod.yaml": POD})
    write(tmp_path, {"one.yaml": "names: [x]\nprivileged: false\n", "two.yaml": "privileged: true\n", "name.txt": "z"})
    one, two, name = (str(tmp_path / file) for file in ("one.yaml", "two.yaml", "name.txt"))

    def names(**options: object) -> list[str]:
        return [message.split("'")[1] for _, message in privileged(judged(tmp_path, **options))]

    assert names(helm_values=(one,)) == []
    assert names(helm_values=(one, two)) == ["x"]
    assert names(helm_values=(one,), helm_set=("privileged=true", "names={p", "q}")) == ["p", "q"]
    assert names(helm_values=(one, two), helm_set=("names[1]=y",)) == ["x", "y"]
    assert names(helm_set=("names[0]=1",), helm_set_string=("names[1]=on",)) == ["1", "on"]
    assert names(helm_set_file=(f"names[0]={name}",)) == ["z"]


@needs_engine
def test_values_from_standard_input_and_the_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is read once, whatever the number of charts."""
    for name in ("c", "d"):
        chart(tmp_path / name, {"pod.yaml": POD})
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"names: [s]\n")))
    assert [message.split("'")[1] for _, message in privileged(judged(tmp_path, helm_values=("-",)))] == ["s", "s"]

    asked: list[str] = []

    class Values(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200 if self.path == "/v.yaml" else 404)
            self.end_headers()
            self.wfile.write(b"names: [web]\n")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Values) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        found = privileged(judged(tmp_path, helm_values=(f"{url}/v.yaml",)))
        with pytest.raises(UsageError, match="404"):
            judged(tmp_path, helm_values=(f"{url}/absent.yaml",))
        server.shutdown()
    assert [message.split("'")[1] for _, message in found] == ["web", "web"]
    assert asked.count("/v.yaml") == 1


@needs_engine
def test_versions_of_the_options(tmp_path: Path) -> None:
    text = '{{ if .Capabilities.APIVersions.Has "x/v1" }}\n' + POD + "{{ end }}\n"
    text = text.replace("{{ .Release.Name }}", "{{ .Capabilities.KubeVersion.Version | quote }}")
    chart(tmp_path, {"pod.yaml": text}, values="names: [a]\nprivileged: true\n")
    assert privileged(judged(tmp_path)) == []
    (one,) = privileged(judged(tmp_path, helm_api_versions=("x/v1",)))
    assert f"Pod '{KUBE_VERSION}'" in one[1]
    (one,) = privileged(judged(tmp_path, helm_api_versions=("x/v1",), helm_kube_version="1.27.3"))
    assert "Pod 'v1.27.3'" in one[1]


@needs_engine
@pytest.mark.parametrize(
    "options",
    [
        {"helm_values": ("absent.yaml",)},
        {"helm_values": ("https://values.example/x.yaml",), "offline": True},
        {"helm_kube_version": "new"},
        {"helm_set": ("privileged",)},
    ],
)
def test_wrong_options_are_refused(tmp_path: Path, options: dict[str, object]) -> None:
    chart(tmp_path, {"pod.yaml": POD})
    with pytest.raises(UsageError):
        judged(tmp_path, **options)


@needs_engine
def test_release_as_the_field_has_it(tmp_path: Path) -> None:
    """Named as the chart, first revision of an installation, nothing to look up, no crds/, hooks too."""
    said = '{{ printf "%s %s %v %v %d" .Release.Name .Release.Service .Release.IsInstall .Release.IsUpgrade '
    said += '(len (lookup "v1" "Secret" "" "")) }}'
    info = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '" + said + "'}\ndata: {password: x}\n"
    hook = POD.replace("  name: {{ .Release.Name }}", "  name: hook\n  annotations: {helm.sh/hook: test}")
    chart(tmp_path, {"info.yaml": info, "tests/hook.yaml": hook, "NOTES.txt": POD, "_part.tpl": POD})
    write(tmp_path, {"crds/pod.txt": POD})
    result = judged(tmp_path)
    assert [message for _, _, _, message in of(result, "KSV-0109")] == [
        "ConfigMap 'shop Helm true false 0' seems to hold secrets in 'password'."
    ]
    assert {target for target, _ in privileged(result)} == {"templates/tests/hook.yaml"}


@needs_engine
def test_charts_within_charts(tmp_path: Path) -> None:
    """Folders and archives in charts/, under their aliases; values of the parent reach them."""
    more = "dependencies:\n- {name: inner, version: 1.0.0, alias: first}\n- {name: packed, version: 1.0.0}\n"
    chart(tmp_path / "c", {}, more=more, values="first: {privileged: true, names: [f]}\npacked: {names: [p, q]}\n")
    chart(tmp_path / "c/charts/folder", {"pod.yaml": POD}, name="inner", values="privileged: false\n")
    packed = {"Chart.yaml": CHART.format(name="packed"), "values.yaml": VALUES, "templates/pod.yaml": POD}
    (tmp_path / "c/charts/packed-1.0.0.tgz").write_bytes(archive({**packed}, "packed"))
    result = judged(tmp_path)
    assert not result.problems
    assert [(target, message.split("'")[1], message.split("'")[3]) for target, message in privileged(result)] == [
        ("c/charts/folder/templates/pod.yaml", "f", "shop"),
        ("c/charts/packed/templates/pod.yaml", "p", "shop"),
        ("c/charts/packed/templates/pod.yaml", "q", "shop"),
    ]


@needs_engine
def test_archives(tmp_path: Path) -> None:
    """Lines and text are those in the archive; beside its folder an archive is not judged again."""
    files: dict[str, str | bytes] = {
        "Chart.yaml": CHART.format(name="shop"),
        "values.yaml": VALUES,
        "templates/pod.yaml": POD,
    }
    (tmp_path / "shop-1.0.0.tgz").write_bytes(archive(files))
    (tmp_path / "other.tar.gz").write_bytes(archive({"readme.txt": "nothing"}, "x"))
    result = judged(tmp_path)
    assert not result.problems
    assert [one.target for one in result.results] == ["shop-1.0.0.tgz:templates/pod.yaml"]
    (first, _) = [f for f in result.results[0].findings if isinstance(f, Misconfiguration) and f.id == "KSV-0017"]
    assert (first.start, first.code[0].content) == (8, "    - name: {{ . }}")
    chart(tmp_path / "shop", {"pod.yaml": POD})
    assert {one.target for one in judged(tmp_path).results} == {"shop/templates/pod.yaml"}


@needs_engine
def test_charts_in_the_layers_of_an_image(tmp_path: Path) -> None:
    """Nothing can be read there but what languages asked for."""
    named = POD.replace("{{ .Release.Name }}", '{{ include "name" . }}')
    chart(tmp_path / "opt/c", {"pod.yaml": named, "_part.tpl": '{{ define "name" }}of-part{{ end }}'})
    packed = {"Chart.yaml": CHART.format(name="packed"), "values.yaml": VALUES, "templates/pod.yaml": POD}
    write(tmp_path, {"opt/c/charts/README.md": "no chart"})
    (tmp_path / "opt/c/charts/packed.tgz").write_bytes(archive({**packed}, "packed"))
    whole, layers = privileged(judged(tmp_path)), privileged(judged(tmp_path, around=False))
    assert whole == layers
    assert [target for target, _ in whole] == [
        *["opt/c/charts/packed/templates/pod.yaml"] * 2,
        *["opt/c/templates/pod.yaml"] * 2,
    ]
    assert "Pod 'of-part'" in whole[2][1]


@needs_engine
def test_what_is_no_chart_in_a_charts_folder(tmp_path: Path) -> None:
    chart(tmp_path, {"pod.yaml": POD})
    chart(tmp_path / "charts/a", {"pod.yaml": POD}, name="a")
    write(tmp_path, {"charts/a/charts/b/templates/x.yaml": POD, "charts/.gitkeep": "", "charts/notes.md": "x"})
    result = judged(tmp_path)
    assert {target for target, _ in privileged(result)} == {"templates/pod.yaml", "charts/a/templates/pod.yaml"}
    assert [problem.where for problem in result.problems if "charts/a/charts/b/" in problem.what] == ["Chart.yaml"]


@needs_engine
def test_failures_name_the_template_and_spare_the_others(tmp_path: Path) -> None:
    more = "dependencies:\n- {name: absent, version: 2.0.0}\n"
    bad = {
        "a.yaml": "\n{{ .Values.x.y }}\n",
        "b.yaml": '\n\n{{ required "say x" .Values.x }}\n',
        "c.yaml": "{{ if }}\n",
    }
    chart(
        tmp_path / "c", {**bad, "d.yaml": "apiVersion: v1\nkind: Pod\nmetadata:\n  a: [\n", "pod.yaml": POD}, more=more
    )
    result = judged(tmp_path)
    assert len(privileged(result)) == 2
    assert {problem.where for problem in result.problems} >= {
        *("c/Chart.yaml", "c/templates/a.yaml:2", "c/templates/b.yaml:3", "c/templates/c.yaml:1"),
    }
    assert any("absent 2.0.0" in problem.what for problem in result.problems)
    assert any("say x" in problem.what for problem in result.problems)
    assert any(problem.where.startswith("c/templates/d.yaml") for problem in result.problems)


@needs_engine
def test_a_chart_that_cannot_be_loaded_leaves_its_plain_manifests(tmp_path: Path) -> None:
    plain = POD.replace("{{ .Release.Name }}", "plain").replace("{{- range .Values.names }}", "# x")
    plain = plain.replace("    {{- end }}\n", "").replace("{{ . }}", "p").replace("{{ $.Values.privileged }}", "true")
    chart(tmp_path, {"pod.yaml": POD, "plain.yaml": plain}, values="a: [\n")
    result = judged(tmp_path)
    assert [target for target, _ in privileged(result)] == ["templates/plain.yaml"]
    assert ["values.yaml" in problem.what for problem in result.problems] == [True]


def test_without_the_engine_a_problem_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "ENGINE", "no_such_module")
    plain = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostPID: true, containers: []}\n"
    chart(tmp_path, {"pod.yaml": POD, "plain.yaml": plain})
    result = judged(tmp_path)
    assert [target for target, *_ in of(result, "KSV-0010")] == ["templates/plain.yaml"]
    (problem,) = result.problems
    assert "pip install" in problem.hint


@needs_engine
@pytest.mark.parametrize(
    "template",
    [
        'a: {{ $x := "xxxxxxxx" }}{{ range until 60 }}{{ $x = printf "%s%s" $x $x }}{{ end }}{{ $x }}',
        "a: {{ repeat 2000000000 .Release.Name }}",
    ],
)
def test_hostile_templates_take_no_more_than_they_may(tmp_path: Path, template: str) -> None:
    chart(tmp_path / "bad", {"x.yaml": template})
    chart(tmp_path / "good", {"pod.yaml": POD})
    result = judged(tmp_path)
    assert [target for target, _ in privileged(result)] == ["good/templates/pod.yaml"] * 2
    (problem,) = result.problems
    assert problem.where == "bad/Chart.yaml"


@needs_engine
def test_time_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Includes that multiply: ten of ten of ten …"""
    parts = ['{{ define "a0" }}lol{{ end }}']
    parts += (f'{{{{ define "a{n}" }}}}' + f'{{{{ include "a{n - 1}" . }}}}' * 10 + "{{ end }}" for n in range(1, 12))
    chart(tmp_path, {"_part.tpl": "".join(parts), "x.yaml": 'a: {{ include "a11" . }}'})
    monkeypatch.setattr(renderer, "SECONDS", 2.0)
    (problem,) = judged(tmp_path).problems
    assert "2 seconds" in problem.what


@needs_engine
def test_charts_read_nothing_outside_of_them(tmp_path: Path) -> None:
    secret = write(tmp_path, {"secret.txt": "hunter2"}) / "secret.txt"
    root = tmp_path / "c"
    reads = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  password: '"
        + "".join(f'{{{{ .Files.Get "{path}" }}}}' for path in ("../secret.txt", str(secret), "link.txt"))
        + '{{ getHostByName "localhost" }}\'\n'
    )
    chart(root, {"x.yaml": reads})
    (root / "link.txt").symlink_to(secret)
    (root / "templates/link.yaml").symlink_to(secret)
    write(root, {"values.schema.json": '{"properties": {"names": {"$ref": "' + secret.as_uri() + '"}}}'})
    result = judged(tmp_path)
    # the key is enough for the check; the value would be in the message of the engine, or in the text
    assert [one.target for one in result.results] == ["c/templates/x.yaml"]
    assert not result.problems
    assert "hunter2" not in repr(result)


@pytest.mark.parametrize(
    ("schema", "kept"),
    [
        (b'{"type": "object"}', True),
        (b'{"$schema": "http://json-schema.org/draft-07/schema#", "a": [{"$ref": "#/definitions/x"}]}', True),
        (b'{"a": [{"$ref": "https://example.com/x.json"}]}', False),
        (b'{"a": {"\\u0024ref": "file:///etc/passwd"}}', False),
        (b'{"$schema": "https://example.com/meta"}', False),
        (b"[" * 100_000, False),
    ],
)
def test_schemas_that_point_elsewhere_are_left_out(schema: bytes, kept: bool) -> None:
    files = {"values.schema.json": schema, "charts/a/values.schema.json": schema, "Chart.yaml": b""}
    assert len(charts.without_foreign_schemas(files)) == (3 if kept else 1)


def test_archives_are_bounded() -> None:
    bomb = archive({"Chart.yaml": b"\0" * 9_000_000})
    with pytest.raises(ValueError, match="unpacks to more"):
        list(charts.untar(bomb, [1_000_000]))
    with pytest.raises(ValueError, match="no packed chart"):
        list(charts.untar(b"\x1f\x8bnonsense", [1_000_000]))
    assert list(charts.untar(archive({"../../x": "a", "ok.txt": "b"}), [1_000_000])) == [("ok.txt", b"b")]


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        (["Chart.yaml", "charts/a/Chart.yaml"], ["Chart.yaml"]),
        (["a/Chart.yaml", "a/charts/b/Chart.yaml", "a/charts/b/charts/c/Chart.yaml"], ["a/Chart.yaml"]),
        (["charts/a/Chart.yaml", "charts/b/Chart.yaml"], ["charts/a/Chart.yaml", "charts/b/Chart.yaml"]),
        (["a/Chart.yaml", "a/ci/test/Chart.yaml"], ["a/Chart.yaml", "a/ci/test/Chart.yaml"]),
        (["a/Chart.yaml", "a/a-1.tgz", "a-1.0.tgz", "a/charts/x.tgz", "b.tgz"], ["a/Chart.yaml", "b.tgz"]),
    ],
)
def test_outermost_charts(paths: list[str], found: list[str]) -> None:
    assert [place.main for place in charts.places(paths)] == found


@pytest.mark.parametrize(
    ("path", "is_template"),
    [
        ("templates/a.yaml", True),
        ("templates/sub/a.yaml", True),
        ("charts/x/templates/a.yaml", True),
        ("charts/x/charts/y/templates/a.yaml", True),
        ("templates/_a.tpl", False),
        ("templates/NOTES.txt", False),
        ("files/templates/a.yaml", False),
        ("values.yaml", False),
    ],
)
def test_templates_of_a_chart(path: str, is_template: bool) -> None:
    assert charts.is_template(path) is is_template


@pytest.mark.parametrize(
    ("template", "rendered", "numbers"),
    [
        ("a: 1\nb: {{ .x }}\n", "a: 1⟦1⟧\nb: 2⟦2⟧\n", [1, 2, 2]),
        ("{{- if .x }}\na: 1\n{{- end }}\n", "\na: 1⟦2⟧\n", [2, 2, 2]),
        ("a:\n  {{- x | nindent 2 }}\nb: 1\n", "a:⟦1⟧\n  k: 1\n  l: 2⟦2⟧\nb: 1⟦3⟧\n", [1, 2, 2, 3, 3]),
        ("a: {{ x\n  }}\nb: 1\n", "a: 1⟦1⟧\nb: 1⟦3⟧\n", [1, 3, 3]),
    ],
)
def test_lines_come_back_by_marks(template: str, rendered: str, numbers: list[int]) -> None:
    """Rendered by hand from what the template language says of trimming; the engine's own are tried above."""
    with_marks = rendered.replace("⟦", "\x1e").replace("⟧", "\x1f")
    plain = marks._mark().sub("", with_marks)
    made = marks.mark(template)
    assert made is not None
    assert marks._mark().sub("", made) == template
    assert marks.lines(plain, with_marks) == numbers
    assert set(marks._mark().findall(with_marks)) == set(marks._mark().findall(made))


def test_marks_stay_out_of_what_is_used_elsewhere() -> None:
    defined = '{{ define "x" }}\ntrue\n{{ end }}\n'
    assert marks.mark(defined) == defined
    assert marks.mark("a: {{ x -}}\n  b\n") == "a: {{ x -}}\n  b\x1e1\x1f\n"
    assert marks.mark('a: {{ "}}" }}\n') == 'a: {{ "}}" }}\x1e1\x1f\n'
    assert marks.mark("a: {{ broken\n") is None
    assert marks.mark("a: {{ `" * 50_000) is None
    assert marks.lines("a\nb", "a") is None


def test_values_are_put_over_each_other() -> None:
    """Maps merge, all else is replaced; single places of lists by their index."""
    values = {"a": {"b": 1, "c": [1, 2]}, "d": [{"e": 1}]}
    engine.overlay(values, {"a": {"b": None, "c": [3]}, "d": [{"f": 2}]}, False)
    assert values == {"a": {"b": None, "c": [3]}, "d": [{"f": 2}]}
    engine.overlay(values, {"d": [{"g": 1}, 5], "a": {"c": [None, 4]}}, True)
    assert values == {"a": {"b": None, "c": [3, 4]}, "d": [{"f": 2, "g": 1}, 5]}


@needs_engine
def test_one_engine_serves_many_charts() -> None:
    """And another is started after it ended, and for other values."""
    first = renderer.renderer(Settings())
    assert renderer.renderer(Settings()) is first
    second = renderer.renderer(Settings(set=("a=1",)))
    assert second is not first
    files = {"Chart.yaml": CHART.format(name="x").encode(), "templates/a.yaml": b"a: {{ .Values.a }}"}
    paths = charts.engine_paths(files, "x")
    assert second.render("x", files, paths, {}).documents == {"x/templates/a.yaml": "a: 1"}
    second.close()
    with pytest.raises(renderer.EngineError):
        second.render("x", files, paths, {})
