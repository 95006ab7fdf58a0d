"""What a robots.txt allows, by its answer and by its rules (verdicts worked out by hand)."""

from pathlib import Path

import pytest

from scrapers.fetching.robots import SIZE_LIMIT, read_robots

FILES = Path(__file__).parent / "robots"
HTML = b"<!DOCTYPE html><html><pre>\nUser-agent: *\nDisallow: /\n</pre></html>"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429])
def test_without_a_file_everything_is_allowed(status):
    assert read_robots(status, b"User-agent: *\nDisallow: /").allows("https://a.example/x")


@pytest.mark.parametrize("status", [None, 301, 500, 503])
def test_without_an_answer_nothing_is_allowed(status):
    robots = read_robots(status, b"User-agent: *\nAllow: /")
    assert robots.unknown
    assert not robots.allows("https://a.example/x")


def test_a_page_is_no_file_of_rules():
    assert read_robots(200, HTML).allows("https://a.example/x")


def test_our_own_group_wins_over_everybody_s():
    robots = read_robots(
        200, b"User-agent: *\nDisallow: /\n\nUser-agent: showroom\nDisallow: /private\n"
    )
    assert robots.allows("https://a.example/cars")
    assert not robots.allows("https://a.example/private/1")


def test_rules_beyond_the_limit_are_not_read():
    long = b"User-agent: *\nDisallow: /a\n" + b"#" * SIZE_LIMIT + b"\nDisallow: /b\n"
    robots = read_robots(200, long)
    assert not robots.allows("https://a.example/a")
    assert robots.allows("https://a.example/b")


@pytest.mark.parametrize(
    ("rules", "seconds"),
    [
        ("Crawl-delay: 10", 10.0),
        ("Crawl-delay: 0.5", 0.5),
        ("Request-rate: 1/4", 4.0),
        ("Request-rate: 10/1s", 0.1),
        ("Crawl-delay: 2\nRequest-rate: 1/4", 4.0),
        ("Crawl-delay: soon", 0.0),
        ("Disallow: /x", 0.0),
    ],
)
def test_the_longest_wait_holds(rules, seconds):
    robots = read_robots(200, f"User-agent: *\n{rules}\n".encode())
    assert robots.interval == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("name", "path", "allowed"),
    [
        ("www.kbb.com", "/cars-for-sale/", True),
        ("www.kbb.com", "/mykbb/", False),
        ("www.kbb.com", "/cars?listingid=7", False),
        ("www.kbb.com", "/used?a=1&trid=2", False),
        ("www.kbb.com", "/mediagallery", True),
        ("www.netflix.com", "/", False),
        ("www.netflix.com", "/title/1", False),
        ("www.autotrader.com", "/cars-for-sale/", True),
    ],
)
def test_real_files(name, path, allowed):
    body = (FILES / f"{name}.txt").read_bytes()
    assert read_robots(200, body).allows(f"https://{name}{path}") is allowed
