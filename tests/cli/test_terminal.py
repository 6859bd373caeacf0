"""What depends on the terminal: colours, width, progress, harmless text, passwords from standard input."""

from __future__ import annotations

import io
import sys

import pytest

from vigie.cli import output
from vigie.cli.progress import Bar, line, progress_for
from vigie.cli.scan import with_password
from vigie.errors import UsageError
from vigie.log import printable
from vigie.scanner.part import Silent
from vigie.settings.groups import DatabaseOptions, GlobalOptions, Options, RegistryOptions


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_colours_only_on_a_willing_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert output.colours() is False
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert output.colours() is True
    monkeypatch.setenv("TERM", "dumb")
    assert output.colours() is False
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert output.colours() is False


def test_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert output.terminal_width() == output.PIPE_WIDTH
    for columns, width in (("100", 100), ("5", 40), ("9999", 400), ("wide", output.PIPE_WIDTH)):
        monkeypatch.setenv("COLUMNS", columns)
        assert output.terminal_width() == width


def test_progress_is_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet, without = Options(general=GlobalOptions(quiet=True)), Options(database=DatabaseOptions(no_progress=True))
    with progress_for(Options()) as progress:
        assert isinstance(progress, Silent)
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    for options in (quiet, without):
        with progress_for(options) as progress:
            assert isinstance(progress, Silent)
    with progress_for(Options()) as progress:
        assert isinstance(progress, Bar)
        progress.step("layers", 3, 3)
    assert screen.getvalue().endswith("\r\x1b[K")  # the line is gone afterwards
    assert "layers" in screen.getvalue()


@pytest.mark.parametrize(
    ("what", "done", "total", "shown"),
    [
        ("layers", 1, 4, "layers [" + "#" * 7 + "." * 23 + "] 1/4"),
        ("db", 50_000_000, 100_000_000, "db [" + "#" * 15 + "." * 15 + "] 50.0/100.0 MB"),
        ("db", 50_000_000, 0, "db 50.0 MB"),
        ("db", 2, 1, "db [" + "#" * 30 + "] 2/1"),
        ("\x1b[2Jx", 0, 0, "x 0"),
    ],
)
def test_progress_line(what: str, done: int, total: int, shown: str) -> None:
    assert line(what, done, total, 80) == shown


@pytest.mark.parametrize("width", range(1, 60))
def test_progress_line_fits(width: int) -> None:
    assert len(line("a rather long description", 123, 456, width)) <= width


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("plain ünïcode 日本", "plain ünïcode 日本"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link", "link"),
        ("a\rb\x08c\x00d\x7f\x9b", "abcd"),
        ("two\nlines\tand", "two lines and"),
        ("abc\u202edcba\u2066", "abcdcba"),
        ("bad\udce9", "bad"),
    ],
)
def test_printable(text: str, harmless: str) -> None:
    assert printable(text) == harmless


def test_password_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("s3cret with blanks \r\nmore"))
    registry = with_password(RegistryOptions(usernames=("me",), password_stdin=True))
    assert registry.passwords == ("s3cret with blanks ",)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(UsageError, match="no password came"):
        with_password(RegistryOptions(usernames=("me",), password_stdin=True))
    with pytest.raises(UsageError, match="needs one --username"):
        with_password(RegistryOptions(password_stdin=True))
    with pytest.raises(UsageError, match="go in pairs"):
        with_password(RegistryOptions(usernames=("me", "you"), passwords=("one",)))
    assert with_password(RegistryOptions()) == RegistryOptions()
