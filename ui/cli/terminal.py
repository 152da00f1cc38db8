"""The standard streams and the size of the terminal, made safe to use."""

import codecs
import io
import os
import sys
import unicodedata
from types import MappingProxyType
from typing import Final, TextIO, cast

from kg.text.plain import document_without_controls, json_text

_ASCII: Final = MappingProxyType(
    {
        **dict.fromkeys("‐‑–—−·•", "-"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("‘’‚", "'"),
        **{"│": "|", "▶": ">", "×": "x", "→": "->", "←": "<-", "█": "#"},
    }
)
"""What is written for a character that the terminal's encoding does not have."""


def prepare() -> None:
    """Make the standard streams and the environment such that every command can use them.

    A stream that is closed is as one that leads to `os.devnull`; a character that a stream's
    encoding does not have is written by others; ``COLUMNS`` and ``LINES`` are as if not set unless
    they are a number above zero. Doing it twice changes nothing.
    """
    _fill_descriptors()
    codecs.register_error("lfm.nearest", _nearest)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None or stream.closed:
            setattr(sys, name, _nowhere(mode))
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="lfm.nearest")
    for name in ("COLUMNS", "LINES"):
        if not _is_count(os.environ.get(name, "1")):
            del os.environ[name]


def read_stdin(most: int) -> str:
    """Return what is on stdin, `most` characters at most; what is no text becomes U+FFFD."""
    stream = sys.stdin
    if isinstance(stream, io.TextIOWrapper):
        is_ascii = codecs.lookup(stream.encoding).name == "ascii"
        stream.reconfigure(encoding="utf-8" if is_ascii else stream.encoding, errors="replace")
    return stream.read(most)


def print_json(document: object) -> None:
    """Print a document as JSON, in ASCII where the terminal's encoding lacks a character of it."""
    document = document_without_controls(document)
    text = json_text(document)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json_text(document, ascii_only=True)
    print(text)


def settle_stdout() -> None:
    """Write what waits to be written to stdout, or let it go nowhere if that fails."""
    try:
        sys.stdout.flush()
    except OSError:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError:  # It is no file, as in tests.
            sys.stdout = _nowhere("w")


def _nowhere(mode: str) -> TextIO:
    descriptor = os.open(os.devnull, os.O_RDWR)
    return cast(TextIO, os.fdopen(descriptor, mode, encoding="utf-8", closefd=False))


def _fill_descriptors() -> None:
    # The next file that is opened would become stdout, and a library's message end up in it.
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = []
    for character in error.object[error.start : error.end]:
        near = _ASCII.get(character) or unicodedata.normalize("NFKD", character)
        found.append(near.encode("ascii", "ignore").decode() or "?")
    return "".join(found), error.end


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text[:9]) > 0
