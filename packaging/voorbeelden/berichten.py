"""The people of Gemeente Veldermeer and how their messages are made. Everything is invented."""

from __future__ import annotations

from email.message import EmailMessage, MIMEPart
from email.policy import SMTP

DOMAIN = "veldermeer.example"
PEOPLE = {
    "mira": f"Mira van Oosterhof <m.vanoosterhof@{DOMAIN}>",
    "joris": f"Joris Blankert <j.blankert@{DOMAIN}>",
    "teun": f"Teun Waardhof <t.waardhof@{DOMAIN}>",
    "samira": f"Samira Tolhuizen <s.tolhuizen@{DOMAIN}>",
    "lotte": f"Lotte Brinkveld <l.brinkveld@{DOMAIN}>",
    "fenna": f"Fenna Oldekamp <f.oldekamp@{DOMAIN}>",
    "ruben": f"Ruben Achterzijl <r.achterzijl@{DOMAIN}>",
    "zoe": f"Zoë Çelik-Müller <z.celik@{DOMAIN}>",
    "bouwen": f"Postbus Bouwen <bouwen@{DOMAIN}>",
    "harinck": "Bouwbedrijf Harinck <planning@harinck.example>",
}


def mail(
    sender: str,
    to: str,
    subject: str,
    date: str | None,
    key: str,
    *,
    cc: str = "",
    after: tuple[str, ...] = (),
) -> EmailMessage:
    """Make a message with its headers; names are keys of PEOPLE, `after` the ids it answers."""
    message = EmailMessage(policy=SMTP)
    message["From"] = PEOPLE.get(sender, sender)
    message["To"] = ", ".join(PEOPLE.get(name, name) for name in to.split())
    if cc:
        message["Cc"] = ", ".join(PEOPLE.get(name, name) for name in cc.split())
    message["Subject"] = subject
    if date:
        message["Date"] = date
    message["Message-ID"] = msgid(key)
    if after:
        message["In-Reply-To"] = msgid(after[-1])
        message["References"] = " ".join(msgid(one) for one in after)
    return message


def msgid(key: str) -> str:
    """Give the Message-ID that belongs to a key."""
    return f"<{key}@{DOMAIN}>"


def done(message: EmailMessage | MIMEPart, key: str) -> bytes:
    """Give the bytes, with boundaries that are the same at every run."""
    parts = (p for p in message.walk() if p.get_content_maintype() == "multipart")
    for number, part in enumerate(parts):
        part.set_boundary(f"=_veldermeer_{key}_{number}")
    return message.as_bytes(policy=SMTP)


def raw(headers: str, body: bytes) -> bytes:
    """Make a message by hand where the library would choose another form."""
    return headers.strip().replace("\n", "\r\n").encode("ascii") + b"\r\n\r\n" + body
