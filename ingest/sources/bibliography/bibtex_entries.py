"""The grammar of BibTeX, read leniently: entries with their fields, and what is wrong with them.

BibTeX and strict parsers stop at the first mistake, and files that people keep have many. Here an
entry may lack its key, have doubled commas or lack one between two fields. What can be read is
read, and a mistake that may have lost something is reported with its line.

Time is linear in the text, also where it is hostile: no character is looked at more than a few
times, and an entry without an end is left where the next line that begins one starts.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ingest.sources.bibliography.reference import MAX_VALUE_CHARS, BrokenEntry, LineNumbers

_MAX_MACRO_CHARS = 300
"""Characters of a macro's value that are read: else a small file could mean gigabytes."""

_MAX_PROBLEMS = 10
"""Mistakes that are named of one entry."""

START = re.compile(r"^[ \t]*@[ \t]*[A-Za-z]+[ \t]*[{(]", re.MULTILINE)
"""An entry that begins a line."""

ANY_START = re.compile(r"@[ \t]*([A-Za-z]+)[ \t]*([{(])")
"""An entry, wherever it begins."""

_NO_PAPER = frozenset({"comment", "preamble", "set", "xdata"})
_SPACE = re.compile(r"(?:\n[ \t]*%[^\n]*|\s)+")
_COMMENT = re.compile(r"%[^\n]*")
_NAME = re.compile(r"([A-Za-z][\w:+.-]*)\s*=")
_GOES_ON = re.compile(r"\s*,\s*[A-Za-z][\w:+.-]*\s*=")
_BARE = {"}": re.compile(r"[^\s{},\"#]+"), ")": re.compile(r"[^\s{},\"#)]+")}
_KEY_END = {"}": re.compile(r"[,={}\"]"), ")": re.compile(r"[,={}\")]")}
_BRACES = (re.compile(r"[{}]"), re.compile(r"(?<!\\)[{}]"))
"""BibTeX counts a brace even after a backslash; an entry that has no end so may have one else."""
_QUOTE = re.compile(r"\\\"|[{}\"]")


@dataclass(frozen=True, slots=True)
class BibtexEntry:
    """One entry, with its values as they stand between their braces or quotes."""

    key: str
    """Its key; empty where it has none."""
    fields: Mapping[str, str]
    """Value by name in lower case; of a field that comes twice, the last."""
    line: int
    """Where it begins, 1-based."""


def parse(text: str) -> tuple[list[BibtexEntry], list[BrokenEntry]]:
    """Return the entries of a text, macros replaced by what they mean, and its mistakes.

    Examples
    --------
    >>> (entry,), (problem,) = parse('@string{x={Soups}} @misc{a, title="Model " # x year=2022}')
    >>> entry.fields
    {'title': 'Model Soups', 'year': '2022'}
    >>> problem.reason
    'there is no comma before "year"'
    """
    reader = _BibtexReader(text)
    return list(reader.entries()), reader.problems


class _Unclosed(Exception):
    """The entry's part of the text ends before the entry does."""


class _BibtexReader:
    """Reads a text from front to back; `at` is where it is, `limit` where the entry must end."""

    def __init__(self, text: str) -> None:
        self.problems: list[BrokenEntry] = []
        self._text, self._at, self._limit = text, 0, len(text)
        self._start = self._named = 0
        self._close, self._brace = "}", _BRACES[0]
        self._macros: dict[str, str] = {}
        self._lines = LineNumbers(text)

    def entries(self) -> Iterator[BibtexEntry]:
        starts = [one.start() for one in START.finditer(self._text)]
        while found := ANY_START.search(self._text, self._at):
            # Where another entry begins a line, whatever is still open was never closed.
            after = bisect_right(starts, found.start())
            self._limit = starts[after] if after < len(starts) else len(self._text)
            self._start, self._close = found.start(), "}" if found[2] == "{" else ")"
            entry = self._attempt(found)
            if entry is not None:
                yield entry

    def _attempt(self, found: re.Match[str]) -> BibtexEntry | None:
        """Read one block, past its end; what is no paper or cannot be read gives nothing."""
        named = len(self.problems)
        for self._brace in _BRACES:
            del self.problems[named:]
            self._at, self._named = found.end(), 0
            try:
                return self._block(found[1].lower())
            except _Unclosed:
                continue
        self._named = 0
        self._problem(self._start, "it has no end: a brace or a quotation mark is missing")
        self._at = self._limit
        return None

    def _block(self, kind: str) -> BibtexEntry | None:
        if kind == "string":
            macros = ((name, value[:_MAX_MACRO_CHARS]) for name, value in self._fields())
            self._macros.update(macros)
            return None
        if kind in _NO_PAPER:
            self._past_the_end()
            return None
        key = self._key()
        return BibtexEntry(key, dict(self._fields()), self._lines.at(self._start))

    def _past_the_end(self) -> None:
        if self._close == "}":
            self._braced()
            return
        end = self._text.find(")", self._at, self._limit)
        if end < 0:
            raise _Unclosed
        self._at = end + 1

    def _key(self) -> str:
        """Read the key and its comma; there is none where the first field comes at once."""
        self._skip_space()
        end = _KEY_END[self._close].search(self._text, self._at, self._limit)
        if end is None:
            raise _Unclosed
        before = self._text[self._at : end.start()]
        if end[0] == "=":
            # The last word is a field's name; what stands before it is a key without a comma.
            key = before.rstrip()
            key = key[: len(key) - len(key.split()[-1])] if key else key
            self._at += len(key)
            if key:
                self._problem(self._at, f'there is no comma after the key "{_short(key)}"')
            return key.strip()
        if end[0] in '{"' or (end[0] == "}" != self._close):
            return ""
        self._at = end.end() - (end[0] == self._close)
        return " ".join(before.split())

    def _fields(self) -> Iterator[tuple[str, str]]:
        """Read the fields up to the entry's end and past it."""
        while True:
            self._skip_space()
            here = self._here()
            if here == self._close:
                self._at += 1
                if _GOES_ON.match(self._text, self._at, self._limit) is None:
                    return
                self._problem(self._at, f'there is a "{here}" too many')
            elif here == ",":
                self._at += 1
            elif here == "%":
                self._at = self._matched(_COMMENT).end()
            elif name := _NAME.match(self._text, self._at, self._limit):
                self._at = name.end()
                value = self._value()
                yield name[1].lower(), value
                end = self._at
                self._skip_space()
                if following := _NAME.match(self._text, self._at, self._limit):
                    self._problem(end, f'there is no comma before "{following[1]}"')
            else:
                begin = self._at
                self._value()
                self._at = max(self._at, begin + 1)
                self._problem(begin, f'"{_short(self._text[begin : self._at])}" is no field')

    def _value(self) -> str:
        """Read a value: up to a comma, the entry's end or the name of another field."""
        parts: list[str] = []
        size, end, linked = 0, self._at, True
        while True:
            self._skip_space()
            here = self._here()
            if here in (",", "}", self._close):
                break
            if here == "#":
                self._at, linked = self._at + 1, True
                continue
            if _NAME.match(self._text, self._at, self._limit):
                self._at = end
                break
            part = self._part(here)
            if size < MAX_VALUE_CHARS:
                parts += [part] if linked else [" ", part]
                size += len(part) + 1
            end, linked = self._at, False
        return "".join(parts)[:MAX_VALUE_CHARS].strip()

    def _part(self, here: str) -> str:
        if here == "{":
            self._at += 1
            return self._braced()
        if here == '"':
            self._at += 1
            return self._quoted()
        bare = self._matched(_BARE[self._close])
        self._at = bare.end()
        return self._macros.get(bare[0].lower(), bare[0])

    def _braced(self) -> str:
        """Read on behind an opening brace, and past its closing one."""
        depth = 1
        for found in self._brace.finditer(self._text, self._at, self._limit):
            depth += 1 if found[0] == "{" else -1
            if not depth:
                return self._up_to(found)
        raise _Unclosed

    def _quoted(self) -> str:
        depth = 0
        for found in _QUOTE.finditer(self._text, self._at, self._limit):
            depth += (found[0] == "{") - (found[0] == "}")
            if found[0] == '"' and depth <= 0:
                return self._up_to(found)
        raise _Unclosed

    def _up_to(self, found: re.Match[str]) -> str:
        begin, self._at = self._at, found.end()
        return self._text[begin : found.start()]

    def _matched(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self._text, self._at, self._limit)
        if found is None:
            raise _Unclosed
        return found

    def _skip_space(self) -> None:
        if found := _SPACE.match(self._text, self._at, self._limit):
            self._at = found.end()

    def _here(self) -> str:
        if self._at >= self._limit:
            raise _Unclosed
        return self._text[self._at]

    def _problem(self, at: int, reason: str) -> None:
        """Name a mistake at a place in the entry that is being read."""
        self._named += 1
        if self._named <= _MAX_PROBLEMS:
            text = self._text[self._start : min(self._start + 400, self._limit)]
            self.problems.append(BrokenEntry(_short(text, 80), reason, self._lines.at(at)))


def _short(text: str, most: int = 40) -> str:
    return " ".join(text[:400].split())[:most]
