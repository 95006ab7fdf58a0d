"""What a robots.txt allows, by its answer and by its rules (verdicts worked out by hand)."""

from pathlib import Path

import pytest
import yaml

from scrapers.fetching.robots import SIZE_LIMIT, read_robots

FILES = Path(__file__).parent / "robots"
VERDICTS = yaml.safe_load((FILES / "verdicts.yml").read_text())
HTML = b"<!DOCTYPE html><html><pre>\nUser-agent: *\nDisallow: /\n</pre></html>"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 429])
def test_without_a_file_everything_is_allowed(status):
    assert read_robots(status, b"User-agent: *\nDisallow: /").allows("https://a.example/x")


@pytest.mark.parametrize("body", [b"", b"User-agent: *\nAllow: /"])
@pytest.mark.parametrize("status", [None, 300, 399, 500, 503])
def test_without_an_answer_nothing_is_allowed(status, body):
    robots = read_robots(status, body)
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


@pytest.mark.parametrize(
    "name", ["Showroom", "SHOWROOM", "Showroom/0.1 (+mailto:a@b.example)", "showroom*"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_group_is_ours_by_our_token_whatever_follows_it(name, end):
    robots = read_robots(200, f"User-agent: {name}{end}Disallow: /private{end}".encode())
    assert not robots.allows("https://a.example/private/1")


@pytest.mark.parametrize(
    "name", ["Show", "s", "Show*", "Showrooms", "Showroom-Images", "My-Showroom"]
)
@pytest.mark.parametrize("field", ["User-agent:", "  user-agent : ", "User agent:", "useragent:"])
def test_a_group_of_a_name_like_ours_is_not_ours(field, name):
    file = f"{field} {name}\nAllow: /\n\nUser-agent: *\nDisallow: /\n"
    assert not read_robots(200, file.encode()).allows("https://a.example/x")


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


@pytest.mark.parametrize("name", sorted(path.stem for path in FILES.glob("*.txt")))
def test_real_files(name):
    wanted = VERDICTS[name]
    robots = read_robots(200, (FILES / f"{name}.txt").read_bytes())
    paths = [*wanted["allowed"], *wanted["refused"]]
    assert len(paths) == 10
    allowed = [path for path in paths if robots.allows(f"https://{name}{path}")]
    assert allowed == wanted["allowed"]
