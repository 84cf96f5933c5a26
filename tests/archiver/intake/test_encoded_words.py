"""RFC 2047 words and RFC 2231 parameters, also against the standard library's own encoder."""

from __future__ import annotations

from email.charset import BASE64, QP, Charset
from email.header import Header
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.intake.encoded_words import header_text, loose_base64, parameters, unfold

# What a header can hold: no control characters, no half characters, no white space of a fold.
TEXT = st.text(
    st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp", "Zs"), max_codepoint=0x2FFFF),
    min_size=1,
    max_size=80,
)


@given(TEXT, st.sampled_from([BASE64, QP]), st.integers(30, 76))
def test_what_the_standard_library_encodes_comes_back(text: str, how: int, width: int) -> None:
    charset = Charset("utf-8")
    charset.header_encoding = how
    raw = Header(text, charset, maxlinelen=width).encode()
    assert header_text(raw.encode("ascii")) == text


@given(st.text(st.sampled_from("éüß€ÄøŠž abcXYZ?=_ "), min_size=1, max_size=60))
def test_windows_1252_words_come_back(text: str) -> None:
    text = " ".join(text.split())
    if not text:
        return
    raw = Header(text, "cp1252").encode()
    assert header_text(raw.encode("ascii")) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Vergadering", "Vergadering"),
        (b"=?utf-8?q?caf=C3=A9?=", "café"),
        (b"=?UTF-8?Q?a?= =?UTF-8?Q?b?=", "ab"),
        (b"=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
        (b"=?utf-8?q?a?=\r\n =?iso-8859-1?q?=E9?=", "aé"),
        # One character split over two words.
        (b"=?utf-8?b?w4M=?= =?utf-8?b?w4M=?=", "ÃÃ"),
        (b"=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "é"),
        # A language after the charset (RFC 2231), an unknown charset, a broken word.
        (b"=?utf-8*nl?q?=C3=A9=C3=A9n?=", "één"),
        (b"=?x-onbekend?q?=C3=A9?=", "é"),
        (b"=?utf-8?b?YWI?=", "ab"),
        (b"=?utf-8?b?YW*I=?=", "ab"),
        (b"=?utf-8?q?open", "=?utf-8?q?open"),
        (b"=?utf-8?q??=", ""),
        # Raw bytes that no header may hold.
        ("Motie café".encode(), "Motie café"),
        (b"Motie caf\xe9", "Motie café"),
        # Folding: the white space stays, a line of white space adds nothing.
        (b"Eerste\r\n tweede", "Eerste tweede"),
        (b"Eerste\n\ttweede", "Eerste\ttweede"),
        (b"Eerste\r\n \r\n tweede\r\n ", "Eerste tweede"),
        (b"=?iso-2022-jp?b?GyRCJUYlOSVIGyhC?=", "テスト"),
    ],
)
def test_header_text(raw: bytes, text: str) -> None:
    assert header_text(raw) == text


@given(st.binary(max_size=200))
def test_no_bytes_make_it_raise(raw: bytes) -> None:
    header_text(raw)
    header_text(b"=?utf-8?b?" + raw + b"?=")
    parameters(raw)
    parameters(b"a/b; x*0*=" + raw)
    loose_base64(raw)


@given(TEXT)
def test_rfc_2231_names_of_the_standard_library_come_back(name: str) -> None:
    message = Message()
    message.add_header("Content-Disposition", "attachment", filename=("utf-8", "", name))
    _, found = parameters(message["Content-Disposition"].encode("ascii"))
    assert found["filename"] == name


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"attachment; filename=besluit.pdf", "besluit.pdf"),
        (b'attachment; filename="besluit 1.pdf"', "besluit 1.pdf"),
        (b"attachment; filename=besluit 1.pdf", "besluit 1.pdf"),
        (b'attachment; filename="a\\"b.pdf"', 'a"b.pdf'),
        (b'attachment; filename="open.pdf', "open.pdf"),
        (b"attachment; filename*=UTF-8''caf%C3%A9.pdf", "café.pdf"),
        (b"attachment; filename*=iso-8859-1'nl'caf%E9.pdf", "café.pdf"),
        (b"attachment; filename*0=lang; filename*1=e-naam; filename*2=.pdf", "lange-naam.pdf"),
        (b"attachment; filename*1*=%C3%A9.pdf; filename*0*=utf-8''caf", "café.pdf"),
        (b"attachment; filename*0*=utf-8''caf%C3; filename*1*=%A9; filename*2=.pdf", "café.pdf"),
        (b'attachment;\r\n filename="=?utf-8?q?caf=C3=A9=2Epdf?="', "café.pdf"),
        ('attachment; filename="café.pdf"'.encode(), "café.pdf"),
        (b'attachment; filename="caf\xe9.pdf"', "café.pdf"),
        (b"attachment filename=besluit.pdf", "besluit.pdf"),
        (b"attachment\n\tFILENAME=besluit.pdf", "besluit.pdf"),
        # The plain one is for old programs; the encoded one is the name.
        (b"attachment; filename=\"cafe.pdf\"; filename*=utf-8''caf%C3%A9.pdf", "café.pdf"),
        # A name twice: the first counts.
        (b"attachment; filename=a.pdf; filename=b.pdf", "a.pdf"),
        (b"attachment; filename=", ""),
    ],
)
def test_names_of_parts(raw: bytes, name: str) -> None:
    value, found = parameters(raw)
    assert value == "attachment"
    assert found["filename"] == name


def test_a_type_is_lower_case_and_its_boundary_is_not() -> None:
    value, found = parameters(b'Multipart/MIXED; Boundary="AbC=_1"')
    assert (value, found["boundary"]) == ("multipart/mixed", "AbC=_1")


@given(
    st.text("aZ9_.-/* ", min_size=1, max_size=8),
    st.sampled_from([";", "; ", ";\r\n ", ";\n\t", " ", ";;", "; \r\n"]),
    st.text("aZ-*9", min_size=1, max_size=8),
    st.text("aZ9_=?+/.:'; é\r\n", max_size=12),
)
def test_a_second_parameter_changes_nothing_about_the_first(
    value: str, between: str, name: str, text: str
) -> None:
    raw = f'{value}{between}{name}="{text}"'.encode()
    found, params = parameters(raw)
    assert parameters(raw + b"; other=1") == (found, {**params, "other": "1"})


def test_an_equal_sign_in_a_value_does_not_end_it() -> None:
    assert parameters(b"a/b; boundary==-abc=; charset=utf-8")[1] == {
        "boundary": "=-abc=",
        "charset": "utf-8",
    }


def test_unfolding_leaves_a_value_of_one_line_alone() -> None:
    assert unfold(b"a\tb ") == b"a\tb "
