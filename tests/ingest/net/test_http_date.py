from datetime import UTC, datetime

import pytest

from ingest.net.http_date import http_date


@pytest.mark.usefixtures("auckland")
@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 -0000",
        "Sun, 06 Nov 1994 10:49:37 +0200",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ],
)
def test_each_form_means_one_time_wherever_the_machine_is(text: str) -> None:
    assert http_date(text) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    "|soon|1994|Thu, 99 Foo 1970"
    "|Fri, 31 Dec 9999 23:59:59 -9999|1 Jan 2020 1:1:1 +999999999999".split("|"),
)
def test_anything_else_means_none(text: str) -> None:
    assert http_date(text) is None
