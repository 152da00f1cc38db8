"""Decompressing the body of an answer."""

import zlib
from collections.abc import Iterable, Iterator, Mapping


class BadEncoding(Exception):
    """A body that is not in the encoding of its header, or in one that was not asked for."""


def decoded(raw: Iterable[bytes], headers: Mapping[str, str]) -> Iterator[bytes]:
    """Yield the body of an answer, without gzip, in bounded pieces; a missing end is noticed."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("", "identity"):
        yield from raw
    elif encoding not in ("gzip", "x-gzip"):
        raise BadEncoding("packed in a way that was not asked for")
    else:
        decoder = None
        try:
            for part in raw:
                while part:
                    if decoder is None or decoder.eof:
                        decoder = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
                    yield decoder.decompress(part, 1 << 20)
                    part = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
            if decoder is not None:
                yield decoder.flush()
        except zlib.error:
            raise BadEncoding("not the gzip that it says it is") from None
        if decoder is not None and not decoder.eof:
            raise BadEncoding("cut short")
