"""Property numbers, value types and code pages of Outlook stores ([MS-OXPROPS], [MS-OXCDATA])."""

from __future__ import annotations

import codecs
from functools import lru_cache

# Value types that stand in the property itself, with their size in bytes.
INLINE_SIZES = {0x02: 2, 0x03: 4, 0x04: 4, 0x0A: 4, 0x0B: 1}

SUBJECT = 0x0037
NORMALIZED_SUBJECT = 0x0E1D
MESSAGE_CLASS = 0x001A
TRANSPORT_HEADERS = 0x007D
CLIENT_SUBMIT_TIME = 0x0039
DELIVERY_TIME = 0x0E06
CONVERSATION_TOPIC = 0x0070
CONVERSATION_INDEX = 0x0071
INTERNET_MESSAGE_ID = 0x1035
IN_REPLY_TO = 0x1042
REFERENCES = 0x1039
SENDER = (0x0C1A, 0x0C1F, 0x5D01)  # name, address, SMTP address
REPRESENTING = (0x0042, 0x0065, 0x5D02)
DISPLAY_TO, DISPLAY_CC, DISPLAY_BCC = 0x0E04, 0x0E03, 0x0E02

BODY = 0x1000
HTML = 0x1013
RTF = 0x1009
INTERNET_CODE_PAGE = 0x3FDE

RECIPIENT_TYPE = 0x0C15
DISPLAY_NAME, EMAIL_ADDRESS, SMTP_ADDRESS = 0x3001, 0x3003, 0x39FE

ATTACH_DATA = 0x3701
ATTACH_METHOD = 0x3705
ATTACH_FILENAME, ATTACH_LONG_FILENAME = 0x3704, 0x3707
ATTACH_PATHNAME, ATTACH_LONG_PATHNAME = 0x3708, 0x370D
ATTACH_MIME_TAG = 0x370E
ATTACH_CONTENT_ID = 0x3712
ATTACH_HIDDEN = 0x7FFE

STORE_PASSWORD = 0x67FF

BY_REFERENCES, EMBEDDED, BY_WEB = (2, 3, 4), 5, 7

_PAGES = {
    65001: "utf-8",
    1200: "utf-16-le",
    20127: "us-ascii",
    28605: "iso-8859-15",
    20866: "koi8-r",
    21866: "koi8-u",
    20932: "euc-jp",
    51932: "euc-jp",
    50220: "iso-2022-jp",
    50221: "iso-2022-jp",
    50222: "iso-2022-jp",
    51949: "euc-kr",
    52936: "hz",
    54936: "gb18030",
    10000: "mac-roman",
}


@lru_cache(maxsize=128)
def charset_of(page: int | None) -> str | None:
    """Give the name of a Windows code page as a charset; None when there is no such page."""
    if not page:
        return None
    name = _PAGES.get(page)
    if name is None and 28591 <= page <= 28606:
        name = f"iso-8859-{page - 28590}"
    try:
        codecs.lookup(name or f"cp{page}")
    except LookupError:
        return None
    return name or {1252: "windows-1252"}.get(page, f"cp{page}")
