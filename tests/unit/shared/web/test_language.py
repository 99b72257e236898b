"""The caller's language from Accept-Language."""

import pytest
from starlette.requests import Request

from shared.web.problems import language_of


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "sv"),
        ("", "sv"),
        ("en", "en"),
        ("en-GB,sv;q=0.5", "en"),
        ("sv;q=0.1,en;q=0.9", "en"),
        ("sv;q=0.9, en;q=0.9", "sv"),
        ("de;q=1, en; q=0.2", "en"),
        ("de,*;q=0.5", "sv"),
        ("en;q=0", "sv"),
        ("en;q=much", "sv"),
    ],
)
def test_the_weight_decides_and_then_the_order(header: str | None, language: str) -> None:
    headers = [] if header is None else [(b"accept-language", header.encode())]
    assert language_of(Request({"type": "http", "headers": headers})) == language
