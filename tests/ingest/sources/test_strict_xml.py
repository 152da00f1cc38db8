import pytest

from ingest.net.http import BadResponse, FlawedResponse
from ingest.sources import strict_xml

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>'


def read(body: bytes) -> tuple[str, int]:
    found = strict_xml.read(body, "feed", [None])
    return strict_xml.text(found.root), found.removed


@pytest.mark.parametrize(
    ("inside", "text", "removed"),
    [
        (b"one two", "one two", 0),
        (b"one\x0b two\x00", "one two", 2),
        (b"one&#11; two&#x0;&#X1f;", None, 0),
        (b"one&#11; two&#x0;&#x1F;&#55296;&#xFFFF;&#1114112;&#x99999999999;", "one two", 7),
        (b"tab&#9;and &#233;\x01", "tab\tand \xe9", 1),
        ("ﬁnd é\x0c ü\ufffe\uffff".encode(), "ﬁnd é ü", 3),
        ("é and ü".encode() + b" cut \xe2\x82 or \xed\xa0\x80", None, 0),
        ("é, ü, ö, ä, å and ø".encode() + b" cut \xe2\x82 and \xed\xa0\x80",
         "é, ü, ö, ä, å and ø cut  and", 5),
        (b"<![CDATA[&#11; stays]]>", "&#11; stays", 0),
    ],
)  # fmt: skip
def test_what_xml_forbids_is_taken_out(inside: bytes, text: str | None, removed: int) -> None:
    for head in (HEAD, b"", b"\xef\xbb\xbf" + HEAD):
        body = head + b"<feed>" + inside + b"</feed>\n"
        if text is None:
            with pytest.raises(FlawedResponse):
                read(body)
        else:
            assert read(body) == (text, removed)


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "windows-1252"])
def test_so_it_is_in_other_encodings(encoding: str) -> None:
    body = f'<?xml version="1.0" encoding="{encoding}"?><feed>é\x0b&#0;</feed>'.encode(encoding)
    assert read(body) == ("é", 2)


@pytest.mark.parametrize("end", range(1, 40))
def test_a_page_that_is_cut_short_stays_so(end: int) -> None:
    body = HEAD + b"<feed>\x0b<entry>&#11;one</entry><token>&#x0;</token></feed>"
    with pytest.raises(BadResponse) as told:
        strict_xml.read(body[:-end], "feed", [None])
    assert not isinstance(told.value, FlawedResponse)


@pytest.mark.parametrize(
    "body",
    [
        b"<feed>Zo\xeb</feed>",
        b"<feed>M\xfcller & Sohn</feed>",
        b"<feed><b></feed>",
        b"<feed>&nbsp;</feed>",
        b"<a:feed xmlns:a=''>\x0b</a:feed>",
    ],
)
def test_what_else_is_wrong_is_a_flaw_of_a_whole_page(body: bytes) -> None:
    with pytest.raises(FlawedResponse, match="not XML"):
        read(body)


@pytest.mark.slow
def test_a_long_page_is_cleaned_in_no_time() -> None:
    body = b"<feed>" + b"<b>some text &#11; &amp; \x0b</b>" * 100_000 + b"</feed>"
    assert read(body)[1] == 200_000
