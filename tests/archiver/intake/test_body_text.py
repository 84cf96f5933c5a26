"""The text of a message, and HTML in which nothing runs, loads or posts."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.intake.body_text import (
    MAX_HTML,
    html_to_text,
    readable,
    safe_html,
    text_parts,
    unflowed,
)
from tests.archiver.intake.messages import HEADER, multipart, part

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=http://x.example/a.js></SCRIPT>",
    '<img src="http://x.example/volg.gif" width=1>',
    "<img src=cid:logo>",
    '<a href="javascript:alert(1)">klik</a>',
    '<a href="data:text/html,<script>1</script>">klik</a>',
    '<a href="vbscript:x">klik</a>',
    '<form action="http://x.example"><input name=wachtwoord><button>ok</button></form>',
    '<iframe src="http://x.example"></iframe>',
    "<object data=http://x.example/a></object><embed src=http://x.example/a>",
    '<link rel=stylesheet href="http://x.example/a.css">',
    "<style>@import url(http://x.example/a.css); body{background:url(http://x.example/b)}</style>",
    '<div style="background:url(http://x.example/b)">tekst</div>',
    '<td background="http://x.example/b">tekst</td>',
    '<body onload="alert(1)">tekst</body>',
    '<p onclick="alert(1)" onmouseover=alert(1)>tekst</p>',
    '<svg onload="alert(1)"><script>1</script></svg>',
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    '<meta http-equiv=refresh content="0; url=http://x.example">',
    '<base href="http://x.example/">',
    '<video src="http://x.example/v"><source src="http://x.example/v"></video>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<!--[if mso]><img src=http://x.example/a><![endif]-->",
    '<a href="http://x.example" ping="http://x.example/p">klik</a>',
    "<input type=image src=http://x.example/a>",
    "<img srcset='http://x.example/a 1x'>",
    "<p style='behavior:url(#x)'>tekst</p>",
    "<table background=//x.example/b><tr><td>tekst",
]
_ALIVE = re.compile(
    r"<\s*(?:script|img|form|input|button|iframe|object|embed|link|style|svg|math|meta|base|video"
    r"|source|audio|body|html|textarea|select|frame|applet)\b"
    r"|<[^>]*\s(?:on\w+|style|src|srcset|background|action|ping|formaction|data)\s*="
    r"|<[^>]*(?:javascript|vbscript|data)\s*:|url\s*\(",
    re.IGNORECASE,
)


@pytest.mark.parametrize("html", HOSTILE)
def test_nothing_survives_that_runs_loads_or_posts(html: str) -> None:
    clean = safe_html(f"<p>voor</p>{html}<p>na</p>")
    assert not _ALIVE.search(clean), clean
    assert "voor" in clean


@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20)), max_size=6))
def test_no_mixture_survives_either(pieces: list[str]) -> None:
    clean = safe_html("".join(pieces))
    tags = re.sub(r"&[a-z#0-9]+;", "", " ".join(re.findall(r"<[^>]*>", clean)))
    assert not _ALIVE.search(tags), clean


@given(st.text(max_size=400))
def test_no_html_makes_it_raise(html: str) -> None:
    safe_html(html)
    html_to_text(html)


def test_structure_and_links_stay_and_links_do_not_tell_where_they_come_from() -> None:
    clean = safe_html(
        '<table><tr><td colspan="2"><a href="https://x.example/a">a</a></td></tr></table>'
    )
    assert 'colspan="2"' in clean
    assert 'href="https://x.example/a"' in clean
    assert "noreferrer" in clean


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000 + "tekst",
        "<ul><li>" * 100_000,
        "<center>" * 300_000,
        "<b>" * 200_000,
        "<a href='" * 50_000,
        '<a href="' * 50_001,
        "<!--" * 200_000,
        "<!-- -" * 200_000,
        "<style>" * 100_000,
        "<" * 500_000,
        "<a" * 300_000,
        "<a " + "x='y' " * 100_000,
        "&" * 500_000,
        "&#" * 300_000,
        "x" * (MAX_HTML + 9),
    ],
)
def test_bombs_cost_seconds_at_most(html: str) -> None:
    started = time.process_time()
    safe_html(html)
    html_to_text(html)
    assert time.process_time() - started < 4


def test_text_of_html_has_lines_and_no_code() -> None:
    html = (
        "<html><head><title>T</title><style>p{}</style></head><body><p>Beste&nbsp;Anja,</p>"
        "<p>regel&eacute;&#233;n<br>twee</p><script>x()</script><ul><li>a</li><li>b</li></ul></body>"
    )
    assert html_to_text(html).split() == ["Beste", "Anja,", "regeléén", "twee", "a", "b"]
    assert "\n" in html_to_text(html)


def test_an_open_style_does_not_eat_the_body() -> None:
    assert "tekst" in html_to_text("<head><style>p{}</head><body>tekst</body>")


def test_plain_text_is_the_text_and_html_when_there_is_none() -> None:
    both = HEADER + multipart(
        part(b"plat"), part(b"<p>rijk</p>", b"text/html"), kind=b"alternative"
    )
    found = readable(both)
    assert (found.plain, found.html) == ("plat", "<p>rijk</p>")
    only = HEADER + b"Content-Type: text/html\r\n\r\n<p>rijk</p>"
    assert readable(only).plain == "rijk"
    assert readable(HEADER).plain == ""


def test_text_of_several_parts_is_read_in_order() -> None:
    raw = HEADER + multipart(part(b"een"), part(b"twee"))
    assert readable(raw).plain == "een\ntwee"


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("een \ntwee\ndrie", "een twee\ndrie"),
        ("een \r\ntwee \r\ndrie\r\n", "een twee drie\n"),
        ("> een \n> twee\nvier", "> een twee\nvier"),
        ("> een \n>> twee", "> een \n>> twee"),
        (" From hier \n> ", "From hier \n> "),
        ("groet \n-- \nAnja", "groet \n-- \nAnja"),
        ("", ""),
    ],
)
def test_flowed_text_is_joined(text: str, joined: str) -> None:
    assert unflowed(text) == joined


def test_flowed_text_is_joined_for_reading_and_its_hash_is_of_what_stands_there() -> None:
    raw = HEADER + b"Content-Type: text/plain; format=Flowed; delsp=yes\r\n\r\nver \r\ngunning"
    assert readable(raw).plain == "vergunning"
    assert text_parts(raw) == (["ver \r\ngunning"], [])


@given(st.text(st.sampled_from("a >-\r\n"), max_size=60))
def test_flowed_text_loses_nothing_but_line_ends_and_marks(text: str) -> None:
    assert unflowed(text).replace(">", "").split() or not text.replace(">", "").split()
    assert unflowed(text).count("a") == text.count("a")
