"""Which site an address belongs to."""

import pytest

from scrapers.fetching.address import site


@pytest.mark.parametrize(
    ("url", "home"),
    [
        ("https://Cars.example:443/a?b#c", "https://cars.example"),
        ("http://user:word@cars.example:8080/", "http://cars.example:8080"),
        ("http://[::1]:80/", "http://[::1]"),
        ("http://inside\\@cars.example/", "http://cars.example"),
        ("//cars.example/", ""),
        ("file:///etc/passwd", ""),
        ("http://a\x00b/", ""),
        ("http:///x", ""),
        ("", ""),
    ],
)
def test_a_site_is_scheme_host_and_port(url, home):
    assert site(url) == home
