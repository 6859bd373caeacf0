"""Files of all kinds and sizes: what is found in them, where, and what is shown of it."""

from __future__ import annotations

import base64
import gzip
import io
import marshal
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie import _core

TOKEN = r"\b(?P<secret>tk_[0-9A-Za-z]{12})\b"
RULES = [(TOKEN, ["tk_"]), (r"pass=(?P<secret>[0-9A-Za-z]{8,4000})", ["pass="])]
SEARCHER = _core.SecretSearcher(RULES)
ALL = _core.SecretSearcher(RULES, archives=3, binaries=True)
#: What a stream is held in.
HELD = 4 << 20

Found = tuple[list[_core.SecretSighting], list[str]]


def token(number: int) -> str:
    return f"tk_{number:012d}"


def places(found: Found) -> list[tuple[tuple[int, int], int, bytes]]:
    return [(one.start, one.offset, one.secret) for one in found[0]]


def both(path: Path, content: bytes, searcher: _core.SecretSearcher = SEARCHER) -> Found:
    """What is found in a file, in whose stream the same is found."""
    path.write_bytes(content)
    found, stream = searcher.search(path.name, content), searcher.search_stream(path.name, str(path))
    assert places(found) == places(stream)
    assert found[1] == stream[1]
    return stream


def test_a_large_file_is_searched_to_its_end(tmp_path: Path) -> None:
    line, lines = b"x" * 98 + "é".encode() + b"\r\n", 130_000
    content = bytearray(line * lines)
    # Here and there, and without a gap where the first part may end.
    starts = [
        *range(5000, HELD - 90_000, 30_011),
        *range(HELD - 90_000, HELD + 100, 20),
        *range(HELD + 5000, 13_000_000, 30_011),
    ]
    wanted = []
    for number, start in enumerate(starts):
        row, column = divmod(start, len(line))
        if column > 80:
            continue
        content[start : start + 17] = f" {token(number)} ".encode()
        wanted.append(((row + 1, column + 2), start + 1, token(number).encode()))
    assert places(both(tmp_path / "a.log", bytes(content))) == wanted


def test_one_long_line(tmp_path: Path) -> None:
    content = b"[" + b"1234567890," * 1_200_000 + f'"{token(7)}"'.encode() + b"]" + b"," * 100_000
    (one,) = both(tmp_path / "a.json", content)[0]
    offset = content.index(b"tk_")
    assert (one.start, one.end, one.offset) == ((1, offset + 1), (1, offset + 15), offset)
    expected = ("1234567890," * 3)[-29:] + '"' + "*" * 15 + '"]' + "," * 18
    assert one.matched == expected
    assert one.code == [(1, expected, True, False)]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = f"[a]\r\nx = 1\r\nkey = {token(1)}\r\n" + "y = 2\r\n" * 300_000 + f"€ 𝄞 {token(2)}\r\n"
    found = both(tmp_path / "a.ini", text.encode(encoding))
    width, mark = (1, 3) if encoding == "utf-8-sig" else (2, 2 if encoding == "utf-16" else 0)
    second = len(text[: text.index(token(2))].encode(encoding.removesuffix("-sig"))) - (
        2 if encoding == "utf-16" else 0
    )
    assert places(found) == [
        ((3, 7), mark + width * text.index(token(1)), token(1).encode()),
        ((300_004, 5), mark + second, token(2).encode()),
    ]
    assert [line[1] for line in found[0][0].code] == ["[a]", "x = 1", "key = " + "*" * 15, "y = 2"]


def test_utf_32_is_told_as_not_read(tmp_path: Path) -> None:
    assert both(tmp_path / "a", f"key = {token(1)}".encode("utf-32")) == (
        [],
        ["it is written in UTF-32, which is not read"],
    )


def test_compiled_python_is_read_and_other_binaries_when_asked(tmp_path: Path) -> None:
    code = compile(f"key = 'the key is {token(3)}.'", "a.py", "exec")
    content = bytes(16) + marshal.dumps(code)
    ((start, offset, secret),) = places(both(tmp_path / "a.pyc", content))
    assert (start, offset, secret) == ((1, content.index(b"tk_") + 1), content.index(b"tk_"), token(3).encode())
    assert both(tmp_path / "a.o", content) == ([], [])
    (one,) = both(tmp_path / "a.o", content, ALL)[0]
    assert one.code == [(1, one.matched, True, False)]
    assert token(3) not in one.matched and "*" * 15 in one.matched and one.matched.isprintable()


def test_archives_in_archives(tmp_path: Path) -> None:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as archive:
        member = tarfile.TarInfo("c/d.env")
        member.size = len(content := f"A=1\nB={token(4)}\n".encode())
        archive.addfile(member, io.BytesIO(content))
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as jar:
        jar.writestr("lib/b.tgz", tar.getvalue())
        jar.writestr("e.txt", f"{token(5)} " * 2)
    found = both(tmp_path / "a.jar", outer.getvalue(), ALL)
    assert sorted((one.inner, one.start, one.offset) for one in found[0]) == [
        ("e.txt", (1, 1), 0),
        ("e.txt", (1, 17), 16),
        ("lib/b.tgz!c/d.env", (2, 3), 6),
    ]
    assert both(tmp_path / "a.jar", outer.getvalue()) == ([], [])
    cut = ALL.search("a.gz", gzip.compress(os.urandom(5000))[:2000])
    assert cut[0] == []
    assert len(cut[1]) == 1 and "cannot be read to its end" in cut[1][0]


def test_what_decodes_is_told_where_it_stands() -> None:
    run = base64.b64encode(f"the pass word is {token(6)} for all".encode()).decode()
    found, problems = SEARCHER.search("a.yaml", f"x: 1\ndata: {run}\n".encode())
    (one,) = found
    assert (one.decoded, one.start, one.end, one.secret) == ("base64", (2, 7), (2, 6 + len(run)), token(6).encode())
    assert (one.offset, one.matched, problems) == (11, "data: " + "*" * min(len(run), 94), [])
    (one,) = SEARCHER.search("a", f"pass={token(1)} pass%3D{token(1)}".encode())[0][:1]
    assert one.decoded == ""


def test_no_more_is_told_than_anybody_reads(tmp_path: Path) -> None:
    found, problems = both(tmp_path / "a", b" ".join(token(n).encode() for n in range(12_000)))
    assert len(found) == 10_000
    assert problems == ["more than 10000 places look like secrets; not all are told"]


#: The peer's answers to these lines: trivy 0.74, `fs --scanners secret -f json` with a rule of the same expression.
LINES = {
    "line": (f"a\nb\nc = '{token(1)}'\nd\ne\n", "c = '***************'", ["a", "b", "c = '***************'", "d"]),
    "crlf": (f"a\r\nt = {token(1)}\r\nb\r\n", "t = ***************", ["a", "t = ***************", "b"]),
    "last": (f"a\nt = {token(1)}", "t = ***************", ["a", "t = ***************"]),
    "end": (f"t = {token(1)}\n", "t = ***************", ["t = ***************", ""]),
    "tabs": (f"\t\tt := {token(1)}\n", "\t\tt := ***************", ["\t\tt := ***************", ""]),
    "cut": (
        "x+" * 200 + f"'{token(1)}'" + "+y" * 200,
        "+" + "x+" * 14 + "'***************'" + "+y" * 9 + "+",
        ["+" + "x+" * 14 + "'***************'" + "+y" * 9 + "+"],
    ),
    "two": (
        "m" * 80 + f" {token(1)} {token(2)} n",
        "m" * 29 + " " + "*" * 15 + " " + "*" * 15 + " n",
        ["m" * 29 + " " + "*" * 15 + " " + "*" * 15 + " n"],
    ),
    "around": ("p" * 150 + f"\nt = {token(1)}\n" + "q" * 150, None, ["p" * 100, "t = ***************", "q" * 100]),
}


@pytest.mark.parametrize("name", LINES)
def test_what_is_shown_is_what_the_peer_shows(name: str) -> None:
    text, matched, code = LINES[name]
    one = SEARCHER.search("a", text.encode())[0][0]
    assert one.matched == (matched or "t = ***************")
    assert [line[1] for line in one.code] == code


VALUES = st.text("ABCDEFGHJK23456789", min_size=8, max_size=40)
BETWEEN = st.sampled_from([" ", "\n", "\r\n", "\t", "é", "'", "x = ", "word " * 30, "𝄞" * 40, "&", "# trivy:ignore:"])


@settings(deadline=None, max_examples=100)
@given(st.lists(VALUES, min_size=1, max_size=6), st.data())
def test_no_secret_is_shown(values: list[str], data: st.DataObject) -> None:
    parts = []
    for _ in range(data.draw(st.integers(1, 25))):
        value = data.draw(st.sampled_from(values))
        encoded = base64.b64encode(f"pass={value} is the word".encode()).decode()
        parts.append(data.draw(st.sampled_from([f"pass={value}", value, f" {encoded} ", ""])))
        parts.append(data.draw(BETWEEN))
    sightings, _ = SEARCHER.search("a", "".join(parts).encode())
    shown = [text for one in sightings for text in (one.matched, one.allow, repr(one), *(line[1] for line in one.code))]
    for one in sightings:
        secret = one.secret.decode(errors="replace")
        assert not [text for text in shown if secret in text]
