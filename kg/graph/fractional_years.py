"""When papers appeared as years with a fraction, to order them: July 2022 begins at 2022.5."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kg.records import Paper

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


def fractional_years(years: "Ints", days: "Ints", numbers: "Floats") -> "Floats":
    """Return when papers appeared, as years with a fraction.

    arXiv gives ids in order, when version 1 is submitted, so that an id counts first: some sources
    name the day of a later version. A year alone counts as its middle.

    Parameters
    ----------
    years : (n,) int64
        Year on record of each paper; 0 where unknown.
    days : (n,) int64
        Day of version 1 as ``20220310`` of papers without an arXiv id; 0 where unknown.
    numbers : (n,) float64
        YYMM.NNNNN of the arXiv id, and 10,000 more until March 2007: 2203.05482, and 10112.017 of
        ``cs/0112017``; 0 where there is none.

    Returns
    -------
    (n,) float64
        0 where nothing is known.

    Examples
    --------
    >>> import numpy as np
    >>> days, numbers = np.array([0, 20230401, 20230401]), np.array([0, 0, 2303.05482])
    >>> fractional_years(np.full(3, 2023), days, numbers).round(3).tolist()
    [2023.5, 2023.25, 2023.171]
    """
    import numpy as np

    year, day = np.divmod(days, 10_000)
    month, day = np.divmod(day, 100)
    by_day = year + (month - 1 + (day - 1) / 31) / 12
    id_year, id_month = np.divmod(numbers % 10_000, 100)
    id_year += np.where((numbers >= 10_000) & (id_year >= 90), 1900, 2000)
    has_id = (numbers > 0) & (id_month >= 1) & (id_month < 13)
    without_id = np.where(days > 0, by_day, np.where(years > 0, years + 0.5, 0.0))
    return np.where(has_id, id_year + (id_month - 1) / 12, without_id)


def fractional_years_of(papers: Iterable[Paper]) -> "Floats":
    """Return `fractional_years` of papers."""
    import numpy as np

    rows = []
    for paper in papers:
        day = f"{paper.published:%Y%m%d}" if paper.published and not paper.arxiv_id else 0
        _, slash, number = (paper.arxiv_id or "0").rpartition("/")
        arxiv_number = 10_000 + float(number) / 1000 if slash else float(number)
        rows.append((paper.year or 0, int(day), arxiv_number))
    return fractional_years(*np.array(rows, np.float64).reshape(-1, 3).T)
