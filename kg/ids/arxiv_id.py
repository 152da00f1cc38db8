"""arXiv ids: how they are written, linked and cited, and the month that they tell.

A version is not part of the id: it is stripped.
"""

import re
from urllib.parse import quote, unquote

from kg.text.partial_date import PartialDate

# https://info.arxiv.org/help/arxiv_identifier.html: archive(.CL)/YYMMNNN until March 2007, then
# YYMM.NNNN, and YYMM.NNNNN since January 2015. A longer run of digits is some other number.
_MONTH = r"(?:0[1-9]|1[0-2])"
_NEW = (
    rf"(?:(?:070[4-9]|071[0-2]|(?:0[89]|1[0-4]){_MONTH})\.\d{{4}}"
    rf"|(?:1[5-9]|[2-8]\d){_MONTH}\.\d{{5}})(?!\d)"
)
_OLD = rf"[a-z][a-z-]+(?:\.[A-Z]{{2}})?/(?:9[1-9]|0[0-7]){_MONTH}\d{{3}}(?!\d)"
_ID = rf"(?:{_NEW}|{_OLD})"
# These are compiled when they are first used: a question without digits needs none.
_BARE = rf"(?i)(?:arxiv\s*:\s*)?({_ID})(?:v\d+)?(?:\.pdf)?"
_YEAR_AND_MONTH = re.compile(rf"([^/]*/)?(\d\d)({_MONTH})", re.ASCII)
_FLOAT = r"(?a)\d{3,4}\.\d{10,14}"
# Hosts by which people link to an arXiv paper, with the paths that lead to the id there. People
# also drop the path, double a slash or write the prefix into the link.
_LINK = (
    rf"(?i)(?:(?:arxiv\.org|xxx\.lanl\.gov)"
    rf"(?:/+(?:abs|pdf|html|format|ps|src|e-print|list|ftp/(?:arxiv/papers/\d{{4}}|[a-z-]+/papers)))?"
    rf"|ar5iv(?:\.labs)?\.(?:arxiv\.)?org(?:/+(?:abs|html|pdf))?"
    rf"|alphaxiv\.org(?:/+(?:[a-z]{{2}}/+)?(?:abs|pdf|overview|html))?"
    rf"|scirate\.com/+arxiv"
    rf"|arxiv-vanity\.com/+papers"
    rf"|paperswithcode\.com/+paper/+arxiv"
    rf"|huggingface\.co/+papers"
    rf"|hf\.co/+papers"
    rf"|semanticscholar\.org/+arxiv"
    rf"|10\.48550/arxiv)"
    rf"(?:/+|\.)(?:arxiv\s*:\s*)?({_ID})"
)
_CITED = rf"(?i)\barxiv\s*(?:preprint\s*)?(?:arxiv)?(?:\s*:\s*({_ID})|\s({_NEW}))"


def parse_arxiv_id(text: str) -> str | None:
    """Return the arXiv id that `text` is or links to, in its canonical form, or None.

    Parameters
    ----------
    text : str
        A bare id, ``arXiv:`` id, abstract, PDF, HTML, ar5iv or alphaxiv link, or arXiv DOI.

    Examples
    --------
    >>> parse_arxiv_id("https://arxiv.org/pdf/2203.05482v3.pdf#page=2")
    '2203.05482'
    >>> parse_arxiv_id("cs/0112017v1")
    'cs/0112017'
    >>> parse_arxiv_id("https://doi.org/10.48550/arXiv.2310.08184")
    '2310.08184'
    >>> parse_arxiv_id("1805.1119600000002")  # A number that a spreadsheet wrote.
    '1805.11196'
    >>> parse_arxiv_id("https://github.com/owner/2203.05482") is None
    True
    """
    text = unquote(text.strip())
    if not any(map(str.isdecimal, text)):
        return None
    if re.fullmatch(_FLOAT, text):
        text = id_of_number(text)
    match = re.fullmatch(_BARE, text) or re.search(_LINK, text)
    return _canonical(match[1]) if match else None


def id_of_number(number: str) -> str:
    """Return the arXiv id that a table of numbers left as `number`, or `number` where none fits.

    Examples
    --------
    >>> id_of_number("1912.0947800000001"), id_of_number("704.12"), id_of_number("3.14159265358")
    ('1912.09478', '0704.1200', '3.14159265358')
    """
    # There are four digits after the point until 2014, and five since.
    digits = 4 if float(number) < 1501 else 5
    nearest = f"{float(number):0{digits + 5}.{digits}f}"
    return nearest if abs(float(nearest) - float(number)) < 1e-8 else number


def arxiv_link(identifier: str) -> str:
    """Return the address of a paper's abstract at arXiv.

    Examples
    --------
    >>> arxiv_link("cs/0112017")
    'https://arxiv.org/abs/cs/0112017'
    """
    return "https://arxiv.org/abs/" + quote(identifier)


def cited_arxiv_id(text: str) -> str | None:
    """Return the first arXiv id that running text cites as ``arXiv:ID``, or None.

    Examples
    --------
    >>> cited_arxiv_id("Distilling the knowledge. Hinton et al. arXiv:1503.02531")
    '1503.02531'
    """
    match = re.search(_CITED, text)
    return _canonical(match[1] or match[2]) if match else None


def _canonical(identifier: str) -> str:
    # arXiv redirects cs.CL/0112017 to cs/0112017: the subject class is not part of the id.
    archive, slash, number = identifier.rpartition("/")
    return archive.partition(".")[0].lower() + slash + number


def submission_month(arxiv_id: str) -> PartialDate | None:
    """Return the month in which a paper got its arXiv id, or None where the text is no such id.

    Examples
    --------
    >>> [str(submission_month(one)) for one in ("2203.05482", "cs/0112017", "hep-th/9901001")]
    ['2022-03', '2001-12', '1999-01']
    """
    found = _YEAR_AND_MONTH.match(arxiv_id)
    if not found:
        return None
    year, month = int(found[2]), int(found[3])
    # Ids with an archive date from August 1991 to March 2007.
    return PartialDate((1900 if found[1] and year >= 90 else 2000) + year, month)


def submission_order(arxiv_id: str) -> tuple[int, int, int]:
    """Return what sorts arXiv ids by when they were given: year, month and number.

    As texts they do not sort: ids with an archive come after all others, and numbers have three,
    four or five digits. A text that is no such id comes first.

    Examples
    --------
    >>> sorted(("2401.00001", "0704.0001", "cs/0112017", "math/9901001"), key=submission_order)
    ['math/9901001', 'cs/0112017', '0704.0001', '2401.00001']
    """
    month = submission_month(arxiv_id)
    number = re.search(r"/\d{4}(\d{3})$|\.(\d+)$", arxiv_id, re.ASCII)
    if month is None or month.month is None or number is None:
        return (0, 0, 0)
    return (month.year, month.month, int(number[1] or number[2]))


def submission_year(arxiv_id: str) -> int | None:
    """Return the year in which a paper got its arXiv id, or None where the text is no such id."""
    month = submission_month(arxiv_id)
    return month.year if month else None
