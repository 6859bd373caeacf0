"""Expressions of configurations that were written for Go's `regexp` (RE2), for our matcher in Rust.

The two differ where nobody looks: `^` and `$` are the ends of the text without `(?m)`; `\\w` and `\\b` know ASCII
alone, `\\s` has no `\\v`; `[` stands for itself in a class; `{,5}` and `\\<` are plain text; there are `\\Q…\\E` and
octal numbers. So an expression is read piece by piece and written anew. It works on bytes, and `.` and `[^…]` take one
character of UTF-8 if there is one, else one byte. What Go finds is found; and beyond ASCII a little more, since a
character may count as several. One thing that Go takes is refused: a repetition right behind flags (`a(?i)+`).

Syntax: https://github.com/google/re2/wiki/Syntax, and https://pkg.go.dev/regexp/syntax.
"""

from __future__ import annotations

import re

LONGEST = 16_000
"""Characters of an expression."""
DEEPEST = 100
"""Groups within groups."""
MOST_REPEATED = 1000
"""The most that a counted repetition may ask for, as in Go."""
START = "(?-mR)"
"""Turns off what the matcher has on: `^` and `$` at ends of lines, `\\r` as one."""

_SETS = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\x0C\r\x20"}
_CONTROL = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
_POSIX = frozenset(
    "alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit".split()  # noqa: SIM905
)
_NOT_LINEAR = {
    "=": "looking ahead",
    "!": "looking ahead",
    "<=": "looking behind",
    "<!": "looking behind",
    ">": "a part that gives nothing back",
    "(": "a condition",
    "P=": "a back reference",
    "P>": "recursion",
    "R": "recursion",
    "|": "a branch reset",
}


def translate(pattern: str, secret: str | int = 0) -> str:
    """The expression for Rust's `regex`. secret: the name or number of the group that is the secret, which becomes
    `secret`; 0 for the whole match. No other group keeps its name.

    Raises ValueError that says what is wrong and at which character: what Go refuses is refused."""
    if len(pattern) > LONGEST:
        raise ValueError(f"the expression has {len(pattern)} characters; at most {LONGEST} are taken")
    writer = _Writer(pattern, (secret,) if secret else ())
    written = writer.write()
    if secret and not writer.kept:
        what = f"named {secret!r}" if isinstance(secret, str) else f"number {secret}"
        raise ValueError(f"the expression has no group {what}")
    return written


def first_group(pattern: str) -> str:
    """As `translate`, where the secret is the first group that took part and is not empty: the groups are called
    `secret`, `secret2`, `secret3` and so on; the whole match without any."""
    if len(pattern) > LONGEST:
        raise ValueError(f"the expression has {len(pattern)} characters; at most {LONGEST} are taken")
    return _Writer(pattern, None).write()


class _Writer:
    """One expression. secrets: names or numbers of the groups that are kept; None: all are."""

    def __init__(self, pattern: str, secrets: tuple[str | int, ...] | None) -> None:
        self.text, self.at, self.secrets = pattern, 0, secrets
        self.out: list[str] = [START]
        self.groups = self.kept = self.depth = 0
        self.repeatable = self.repeated = False

    def fail(self, what: str, at: int | None = None) -> ValueError:
        return ValueError(f"{what} (character {(self.at if at is None else at) + 1})")

    def write(self) -> str:
        if lone := re.search("[\ud800-\udfff]", self.text):
            raise self.fail("half of a character", lone.start())
        while self.at < len(self.text):
            self.piece()
        if self.depth:
            raise self.fail("a group is not closed", len(self.text))
        return "".join(self.out)

    def piece(self) -> None:
        here = self.text[self.at]
        if here in "*+?" or (here == "{" and self.counted()):
            self.repetition()
            return
        self.repeatable, self.repeated = True, False
        if here == "(":
            self.group()
        elif here == ")":
            self.depth -= 1
            if self.depth < 0:
                raise self.fail("a group is closed that was not opened")
            self.plain(")")
        elif here == "|":
            self.plain("|")
            self.repeatable = False
        elif here == "[":
            self.out.append(_Class(self).write())
        elif here == "\\":
            self.escape()
        elif here == ".":
            self.plain(_wide("."))
        elif here in "^$":
            self.plain(here)
        else:
            self.at += 1
            self.out.append(_literal(ord(here)))

    def plain(self, text: str) -> None:
        self.out.append(text)
        self.at += 1

    def counted(self) -> re.Match[str] | None:
        return re.compile(r"\{([0-9]{1,9})(?:(,)([0-9]{1,9})?)?\}").match(self.text, self.at)

    def repetition(self) -> None:
        start, found = self.at, self.counted()
        text = found[0] if found else self.text[start]
        if not self.repeatable:
            raise self.fail(f"nothing stands before {text!r} that could be repeated")
        if self.repeated:
            raise self.fail(f"{self.text[start - 1 : start] + text!r}: a repetition cannot be repeated")
        if found:
            least, most = int(found[1]), int(found[3] or 0)
            if max(least, most) > MOST_REPEATED:
                raise self.fail(f"{text!r} asks for more than {MOST_REPEATED} repetitions")
            if found[3] and most < least:
                raise self.fail(f"{text!r} ends before it begins")
        self.at += len(text)
        if self.text[self.at : self.at + 1] == "?":
            text += "?"
            self.at += 1
        self.out.append(text)
        self.repeated = True

    def group(self) -> None:
        start = self.at
        if self.depth >= DEEPEST:
            raise self.fail(f"groups lie more than {DEEPEST} deep in one another")
        self.repeatable = False
        if self.text[start + 1 : start + 2] != "?":
            self.at += 1
            self.open("")
        elif name := re.compile(r"\(\?P?<([0-9A-Za-z_]+)>").match(self.text, start):
            self.at = name.end()
            self.open(name[1])
        elif flags := re.compile(r"\(\?([imsU]*(?:-[imsU]+)?)([:)])").match(self.text, start):
            self.at = flags.end()
            self.out.append(flags[0] if flags[1] or flags[2] == ":" else "")
            if flags[2] == ":":
                self.depth += 1
        else:
            rest = self.text[start + 2 : start + 4]
            kind = next((_NOT_LINEAR[key] for key in (rest, rest[:1]) if key in _NOT_LINEAR), "")
            if kind:
                raise self.fail(
                    f"'(?{rest}': {kind} is refused: expressions are tried in time that grows only with the text"
                )
            raise self.fail(f"'(?{rest}' is no kind of group in Go's expressions")

    def open(self, name: str) -> None:
        self.groups += 1
        self.depth += 1
        if self.secrets is None or self.groups in self.secrets or (name and name in self.secrets):
            self.kept += 1
            self.out.append(f"(?P<secret{self.kept if self.kept > 1 else ''}>")
        else:
            self.out.append("(?:")

    def escape(self) -> None:
        letter = self.text[self.at + 1 : self.at + 2]
        if letter == "Q":
            end = self.text.find("\\E", self.at)
            quoted = self.text[self.at + 2 : end if end >= 0 else None]
            self.out += [_literal(ord(one)) for one in quoted]
            self.at = end + 2 if end >= 0 else len(self.text)
            self.repeatable = bool(quoted)
        elif letter in ("A", "z", "b", "B") and letter:
            self.out.append(f"\\{letter}")
            self.at += 2
        elif letter.lower() in _SETS:
            known = _SETS[letter.lower()]
            self.out.append(_wide(f"[^{known}]") if letter.isupper() else f"[{known}]")
            self.at += 2
        elif letter in ("p", "P"):
            self.out.append(f"(?u:{self.unicode_class()})")
        else:
            self.out.append(_literal(self.character()))

    def unicode_class(self) -> str:
        r"""`\pL`, `\p{Greek}`, `\P{^Lu}`, behind which reading goes on."""
        found = re.compile(r"\\([pP])(?:([A-Z])|\{(\^?)([A-Za-z_]+)\})").match(self.text, self.at)
        if not found:
            raise self.fail("what kind of characters '\\p' stands for cannot be read")
        self.at = found.end()
        negated = (found[1] == "P") != bool(found[3])
        name = found[2] or found[4]
        return f"\\{'P' if negated else 'p'}{{{name}}}"

    def character(self) -> int:
        """The character that an escape stands for, behind which reading goes on."""
        rest = self.text[self.at + 1 : self.at + 12]
        if not rest:
            raise self.fail("'\\' stands at the end")
        if octal := re.match("0[0-7]{0,2}|[1-7][0-7]{1,2}", rest):
            self.at += 1 + octal.end()
            return int(octal[0], 8)
        if found := re.match(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,8})\})", rest):
            value = int(found[1] or found[2], 16)
            if value > 0x10FFFF or 0xD800 <= value < 0xE000:
                raise self.fail(f"'\\{found[0]}' is no character")
            self.at += 1 + found.end()
            return value
        letter = rest[0]
        if letter in "123456789k" or rest[:2] in ("g{", "g<"):
            what = "a back reference is refused: expressions are tried in time that grows only with the text"
            raise self.fail(f"'\\{letter}': {what}")
        if letter not in _CONTROL and (letter.isalnum() or not letter.isascii()):
            raise self.fail(f"'\\{letter}' is not known in Go's expressions")
        self.at += 2
        return _CONTROL.get(letter, ord(letter))


class _Class:
    """A class in brackets."""

    def __init__(self, writer: _Writer) -> None:
        self.writer, self.start = writer, writer.at
        self.items: list[str] = []
        self.unicode = self.wide = False

    def write(self) -> str:
        writer = self.writer
        writer.at += 1
        negated = writer.text[writer.at : writer.at + 1] == "^"
        writer.at += negated
        first = True
        while first or self.here() != "]":
            if not self.here():
                raise writer.fail("a class is not closed", self.start)
            self.item()
            first = False
        writer.at += 1
        written = f"[{'^' if negated else ''}{''.join(self.items)}]"
        if self.unicode:
            return f"(?u:{written})"
        return _wide(written) if negated != self.wide else written

    def here(self) -> str:
        return self.writer.text[self.writer.at : self.writer.at + 1]

    def item(self) -> None:
        writer = self.writer
        if posix := re.compile(r"\[:(\^?)([a-z]+):\]").match(writer.text, writer.at):
            if posix[2] not in _POSIX:
                raise writer.fail(f"{posix[0]!r} is no class")
            self.items.append(posix[0])
            self.wide |= bool(posix[1])
            writer.at = posix.end()
            return
        letter = writer.text[writer.at + 1 : writer.at + 2] if self.here() == "\\" else ""
        if letter and letter.lower() in _SETS:
            inner = _SETS[letter.lower()]
            self.items.append(f"[^{inner}]" if letter.isupper() else inner)
            self.wide |= letter.isupper()
            writer.at += 2
        elif letter in ("p", "P") and letter:
            self.items.append(writer.unicode_class())
            self.unicode = True
        else:
            self.range()

    def range(self) -> None:
        writer, start = self.writer, self.writer.at
        low = high = self.one()
        if self.here() == "-" and writer.text[writer.at + 1 : writer.at + 2] not in ("]", ""):
            writer.at += 1
            high = self.one()
            if high < low:
                raise writer.fail(f"the range {writer.text[start : writer.at]!r} ends before it begins", start)
        self.unicode |= high > 127
        self.items.append(_escaped(low) if high == low else f"{_escaped(low)}-{_escaped(high)}")

    def one(self) -> int:
        writer = self.writer
        if self.here() == "\\":
            return writer.character()
        writer.at += 1
        return ord(writer.text[writer.at - 1])


def _wide(characters: str) -> str:
    """A class that has most characters beyond ASCII, or a byte of what is no UTF-8."""
    return f"(?:(?u:{characters})|[\\x80-\\xFF])"


def _literal(character: int) -> str:
    return _escaped(character) if character < 128 else f"(?u:{_escaped(character)})"


def _escaped(character: int) -> str:
    text = chr(character)
    if text.isascii() and (text.isalnum() or text in "_ /:;,=\"'@%!<>`"):
        return text
    if text.isascii() and text.isprintable():
        return f"\\{text}"
    return f"\\x{character:02X}" if character < 128 else f"\\x{{{character:X}}}"
