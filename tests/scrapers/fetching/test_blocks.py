"""Who blocks us, and which pages only look as if somebody did."""

from pathlib import Path
from time import process_time

import pytest

from scrapers.fetching.blocks import blocker

ROBOTS = Path(__file__).parent / "robots"
CHALLENGE = b"""<html><head><title>Just a moment...</title></head><body>
<script>window._cf_chl_opt={cvId:'3'};a.src='/cdn-cgi/challenge-platform/h/g/x';</script></body>"""
FIREWALL = b"""<html><head><title>Attention Required! | Cloudflare</title></head>
<body><div id="cf-error-details">Sorry, you have been blocked</div></body></html>"""
DENIED = b"""<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1>
You don't have permission to access "http&#58;&#47;&#47;x" on this server.<P>
Reference&#32;&#35;18&#46;2d351ab8&#46;1557333295 https://errors.edgesuite.net/18.2d</BODY></HTML>"""
PRESS = b"""<html><head><title>Access to this page has been denied</title></head>
<body><div id="px-captcha"></div><script src="https://captcha.px-cdn.net/PX1/captcha.js"></script>"""
DATADOME = b"""<html><head><title>lot.example</title></head><body>
<script>var dd={'cid':'A'}</script>
<script src="https://ct.captcha-delivery.com/c.js"></script></body></html>"""
INCAPSULA = b"""<html><body><iframe src="/_Incapsula_Resource?x">Request unsuccessful.
Incapsula incident ID: 7-1</iframe></body></html>""".replace(b"\n", b" ")


@pytest.mark.parametrize(
    ("status", "headers", "body", "who"),
    [
        (403, {}, CHALLENGE, "Cloudflare"),
        (503, {"server": "cloudflare"}, CHALLENGE, "Cloudflare"),
        (200, {}, CHALLENGE, "Cloudflare"),
        (403, {"cf-mitigated": "challenge"}, b"", "Cloudflare"),
        (403, {}, FIREWALL, "Cloudflare"),
        (403, {}, DENIED, "Akamai"),
        (403, {"server": "AkamaiGHost"}, b"", "Akamai"),
        (403, {}, PRESS, "PerimeterX"),
        (429, {}, PRESS, "PerimeterX"),
        (403, {}, DATADOME, "DataDome"),
        (200, {}, DATADOME, "DataDome"),
        (403, {"x-datadome": "protected"}, b"", "DataDome"),
        (200, {}, INCAPSULA, "Imperva"),
        (202, {"x-amzn-waf-action": "challenge"}, b"", "AWS WAF"),
    ],
)
def test_a_block_page_says_whose_it_is(status, headers, body, who):
    assert blocker(status, headers, body) == who


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (403, {}, b"Forbidden"),
        (403, {"server": "nginx"}, b"<title>403 Forbidden</title>"),
        (503, {"server": "cloudflare"}, b"<title>503 Service Unavailable</title>"),
        (429, {}, b"Too Many Requests"),
        (200, {"x-datadome": "protected", "server": "AkamaiGHost"}, b"<title>Cars</title>"),
        (200, {}, b"<title>Cars</title><script src='/cdn-cgi/challenge-platform/x.js'></script>"),
        (200, {}, b"<title>Cars</title><script>window._pxAppId='PX1'</script>"),
        (200, {}, b"<title>Cars</title><script src='https://js.datadome.co/tags.js'></script>"),
        (200, {}, b"<title>Just a moment...</title><p>A poem.</p>"),
        (200, {}, b""),
    ],
)
def test_guards_on_good_pages_and_plain_refusals_name_nobody(status, headers, body):
    assert blocker(status, headers, body) is None


@pytest.mark.parametrize("name", ["www.autotrader.com", "www.carsales.com.au"])
def test_real_block_pages_that_were_served_as_robots_are_recognised(name):
    page = (ROBOTS / f"{name}.txt").read_bytes()
    assert blocker(200, {}, page) == "Akamai"


@pytest.mark.parametrize("body", [b"<title>" + b" " * 65_000, b"<title>" * 9_000])
def test_a_title_without_an_end_is_no_work(body):
    start = process_time()
    assert blocker(403, {}, body) is None
    assert process_time() - start < 5
