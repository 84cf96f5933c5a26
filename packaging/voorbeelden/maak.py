"""Write the invented sample set of Gemeente Veldermeer into ``archiver/data/voorbeelden``.

Run by hand when the set must change; the files themselves are committed. Everything is invented:
the municipality, the people, the cases. ``.example`` is a reserved domain.
"""

from __future__ import annotations

import base64
import quopri
from email.message import EmailMessage
from pathlib import Path

from berichten import DOMAIN, PEOPLE, done, mail, msgid, raw
from bijlagen import docx, jpg, odt, pdf, png, zip_of
from gesprekken import android, ios

TARGET = Path(__file__).resolve().parents[2] / "archiver" / "data" / "voorbeelden"


def thread() -> dict[str, bytes]:
    """Make the thread of four about awarding lot 2."""
    subject = "Akkoord gunning Kadebrug, lot 2"
    a = mail("joris", "mira", subject, "Tue, 17 Nov 2026 09:40:12 +0100", "lot2-1", cc="teun ruben")
    a.set_content(
        "Beste Mira,\n\nHet gunningsadvies voor lot 2 is klaar. Bouwbedrijf Harinck heeft de beste "
        "prijs-kwaliteitverhouding. Kun je hier vandaag naar kijken?\n\nGroet, Joris\n",
        cte="quoted-printable",
    )
    b = mail(
        "mira",
        "joris",
        f"RE: {subject}",
        "Tue, 17 Nov 2026 11:20:45 +0100",
        "lot2-2",
        cc="teun ruben",
        after=("lot2-1",),
    )
    b.set_content(
        "Dag Joris,\n\nInhoudelijk akkoord. Blijft het bedrag binnen het krediet van de raad? "
        "Graag ook één zin over de financiële risico’s.\n\nMira\n",
        cte="base64",
    )
    c = mail(
        "teun",
        "mira joris",
        f"RE: {subject}",
        "Tue, 17 Nov 2026 13:15:00 +0100",
        "lot2-3",
        cc="ruben",
        after=("lot2-1", "lot2-2"),
    )
    c.set_content(
        "Het krediet is 4,8 miljoen euro. De raming zit daar 3 procent onder.\n\nTeun\n", cte="7bit"
    )
    d = mail(
        "joris",
        "mira",
        f"RE: {subject}",
        "Tue, 17 Nov 2026 14:52:30 +0100",
        "lot2-4",
        cc="teun ruben zoe",
        after=("lot2-1", "lot2-2", "lot2-3"),
    )
    d.set_content(
        "Beste Mira,\n\nDe stuurgroep stemt in met de gunning van lot 2 aan Bouwbedrijf Harinck. "
        "Het bedrag blijft binnen het krediet van de raad. Wil je dit donderdag meenemen naar het "
        "college?\n\nGroet, Joris\n",
        cte="quoted-printable",
    )
    advies = pdf(
        "Gunningsadvies lot 2",
        "Vervanging Kadebrug, gemeente Veldermeer",
        "Advies: gunnen aan Bouwbedrijf Harinck.",
        "Bedrag: € 4.656.000 exclusief btw.",
    )
    d.add_attachment(advies, "application", "pdf", filename="Gunningsadvies lot 2.pdf")
    raming = "post;bedrag\r\nfundering;1820000\r\nbrugdek;2140000\r\nkademuur;696000\r\n"
    d.add_attachment(raming.encode(), "text", "csv", filename="Raming.csv")
    return {
        "Akkoord gunning Kadebrug, lot 2 (1).eml": done(a, "a"),
        "Akkoord gunning Kadebrug, lot 2 (2).eml": done(b, "b"),
        "Akkoord gunning Kadebrug, lot 2 (3).eml": done(c, "c"),
        "Akkoord gunning Kadebrug, lot 2 (4).eml": done(d, "d"),
    }


def with_attachments() -> dict[str, bytes]:
    """Make the messages that carry files, an image in the text, an invitation or a message."""
    voorstel = mail(
        "teun",
        "mira",
        "Raadsvoorstel Kadebrug v3",
        "Fri, 13 Nov 2026 13:02:00 +0100",
        "raad-3",
        cc="zoe",
    )
    voorstel.set_content("Bijgaand versie 3. De dekking staat op bladzijde 4.\n\nTeun\n")
    voorstel.add_attachment(
        docx("Raadsvoorstel vervanging Kadebrug", "Dekking: € 1,2 miljoen uit de reserve."),
        "application",
        "vnd.openxmlformats-officedocument.wordprocessingml.document",
        filename="Raadsvoorstel Kadebrug – versie 3 (financiën).docx",
    )
    stand = mail(
        "mira",
        "zoe",
        "Stand van zaken voor het college",
        "Tue, 10 Nov 2026 20:12:00 +0100",
        "stand-1",
        cc="joris",
    )
    stand.set_content(
        "Dag Zoë,\n\nHierbij de stand van zaken voor donderdag.\n\nMira\n", cte="quoted-printable"
    )
    stand.add_attachment(
        odt("Stand van zaken Kadebrug", "Lot 2 kan door."),
        "application",
        "vnd.oasis.opendocument.text",
        filename="Stand van zaken.odt",
    )
    stand.add_attachment(
        b"Vragen van het college:\r\n1. omleiding\r\n2. geluid\r\n",
        "text",
        "plain",
        filename="vragen college.txt",
    )

    inner = mail(
        "advies@achterhuis-advocaten.example",
        "ruben",
        "Advies aanbesteding lot 2",
        "Mon, 09 Nov 2026 17:31:00 +0100",
        "extern-77",
    )
    inner.set_content("Geachte heer Achterzijl,\n\nOns advies vindt u in de bijlage.\n")
    inner.add_attachment(
        pdf("Juridisch advies", "De procedure is zorgvuldig verlopen."),
        "application",
        "pdf",
        filename="Advies 2026-77.pdf",
    )
    outer = mail(
        "ruben",
        "mira",
        "Juridisch advies aanbesteding",
        "Tue, 10 Nov 2026 12:26:00 +0100",
        "jur-1",
        cc="joris",
    )
    outer.set_content("Beste Mira, het advies van de advocaat zit als bericht bij deze mail.\n")
    outer.add_attachment(inner, filename="Advies aanbesteding lot 2.eml")

    schets = mail(
        "lotte",
        "mira",
        "Schets looproute bouwplaats Kadebrug",
        "Thu, 05 Nov 2026 10:05:00 +0100",
        "schets-1",
    )
    schets.set_content("De schets staat in de opgemaakte versie van dit bericht.\n")
    schets.add_alternative(
        '<html><body><p>Dag Mira,</p><p>Zo lopen de bewoners om:</p><p><img alt="Schets van de '
        f'looproute" src="cid:schets@{DOMAIN}"></p></body></html>\n',
        subtype="html",
    )
    html = schets.get_payload(1)
    assert isinstance(html, EmailMessage)
    html.add_related(
        png(),
        "image",
        "png",
        cid=f"<schets@{DOMAIN}>",
        disposition="inline",
        filename="schets.png",
    )

    afspraak = mail(
        "joris",
        "mira teun samira",
        "Uitnodiging: stuurgroep Kadebrug",
        "Tue, 03 Nov 2026 09:00:00 +0100",
        "ics-1",
    )
    afspraak.set_content("Stuurgroep op 10 november, 10.30 uur, kamer 2.14.\n")
    ics = "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Veldermeer//NL",
            "METHOD:REQUEST",
            "BEGIN:VEVENT",
            f"UID:stuurgroep-1110@{DOMAIN}",
            "DTSTAMP:20261103T080000Z",
            "DTSTART:20261110T093000Z",
            "DTEND:20261110T110000Z",
            "SUMMARY:Stuurgroep Kadebrug",
            f"ORGANIZER;CN=Joris Blankert:mailto:j.blankert@{DOMAIN}",
            "LOCATION:Kamer 2.14",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )
    afspraak.add_alternative(ics, subtype="calendar", params={"method": "REQUEST"})
    return {
        "Raadsvoorstel Kadebrug v3.eml": done(voorstel, "v"),
        "Stand van zaken voor het college.eml": done(stand, "s"),
        "Juridisch advies aanbesteding.eml": done(outer, "j"),
        "Schets looproute bouwplaats Kadebrug.eml": done(schets, "l"),
        "Uitnodiging stuurgroep Kadebrug.eml": done(afspraak, "u"),
    }


def plain() -> dict[str, bytes]:
    """Make the messages without files, in the forms that older mail programs write."""
    bellen = mail(
        "fenna",
        "mira",
        "Kunnen we even bellen over de pers?",
        "Wed, 11 Nov 2026 08:55:00 +0100",
        "pers-1",
    )
    bellen.set_content(
        "Dag Mira, de krant vraagt naar de kosten. Heb je om tien uur tijd?\n\nFenna\n"
    )
    overleg = mail(
        "lotte",
        "mira",
        "Terugkoppeling overleg bewoners",
        "Thu, 12 Nov 2026 10:17:00 +0100",
        "bewoners-1",
        cc="samira",
    )
    overleg.set_content(
        "Beste Mira,\n\nGisteravond waren er 34 bewoners van de Werfstraat en de Zuiderkade. Ze "
        "vragen om geluidsmetingen ’s nachts. Eén bewoner kondigt een Woo-verzoek aan.\n\nLotte\n",
        cte="quoted-printable",
    )
    afspraken = mail(
        "joris",
        "mira teun samira",
        "Afspraken stuurgroep 10 nov",
        "Wed, 11 Nov 2026 15:40:00 +0100",
        "stuur-1",
    )
    afspraken.set_content(
        "1. Lot 2 kan door.\n2. De planning van de Kadebrug schuift een week.\n"
        "3. Samira schrijft de bewonersbrief.\n",
        cte="7bit",
    )
    vraag = mail(
        "samira",
        "mira",
        "Vraag raadslid over geluidhinder",
        "Mon, 16 Nov 2026 16:08:00 +0100",
        "raadsvraag-1",
    )
    vraag.set_content(
        "Raadslid Jansdóttir vraagt of de nachtploeg binnen de norm blijft. "
        "Vóór vrijdag antwoorden?\n\nSamira\n",
        cte="base64",
    )
    regels = "=?windows-1252?Q?Herziene_planning_en_meerwerk_=96_Kadebrug?="
    tekst = (
        "Geachte mevrouw Van Oosterhof,\r\n\r\nDe hei-installatie komt één dag later. Het meerwerk "
        "kost € 18.450 en valt binnen de post ‘onvoorzien’.\r\n\r\nBouwbedrijf Harinck\r\n"
    )
    foto = base64.encodebytes(png(60, 40)).replace(b"\n", b"\r\n")
    planning = raw(
        f"From: {PEOPLE['harinck']}\nTo: {PEOPLE['mira']}\nSubject: {regels}\n"
        "Date: Mon, 16 Nov 2026 09:31:00 +0100\nMessage-ID: <planning-12@harinck.example>\n"
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="harinck-12"',
        b"--harinck-12\r\nContent-Type: text/plain; charset=windows-1252\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\n"
        + tekst.encode("cp1252")
        + b"\r\n--harinck-12\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment;\r\n filename*0*=windows-1252'nl'foto%20pijler%20;\r\n"
        b" filename*1*=2%20%96%20zijde%20caf%E9.png\r\n\r\n" + foto + b"--harinck-12--\r\n",
    )
    zonder = raw(
        f"From: Formulier <noreply@{DOMAIN}>\nTo: {PEOPLE['mira']}\n"
        f"Subject: Melding openbare ruimte 88213\nMessage-ID: {msgid('formulier-88213')}\n"
        "MIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii",
        b"Melding 88213: lantaarnpaal bij de Kade brandt niet.\r\n",
    )
    reclame = (
        "<html><body><h1>Laatste kans!</h1><p>40% korting op kantoorstoelen – alléén vandaag.</p>"
        '<img src="http://volg.stoelenactie.example/pixel.gif?id=4711" width="1" height="1" '
        'alt=""></body></html>\r\n'
    )
    actie = raw(
        "From: =?utf-8?B?U3RvZWxlbiBhY3RpZSDinIg=?= <actie@stoelenactie.example>\n"
        f"To: {PEOPLE['mira']}\nSubject: =?utf-8?Q?Laatste_kans:_40=25_korting_=E2=9C=88?=\n"
        "Date: Wed, 28 Oct 2026 03:14:00 +0000\nMessage-ID: <4711@stoelenactie.example>\n"
        "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n"
        "Content-Transfer-Encoding: quoted-printable",
        quopri.encodestring(reclame.encode()).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
    )
    return {
        "Kunnen we even bellen over de pers.eml": done(bellen, "p"),
        "Terugkoppeling overleg bewoners.eml": done(overleg, "o"),
        "Afspraken stuurgroep 10 nov.eml": done(afspraken, "f"),
        "Vraag raadslid over geluidhinder.eml": done(vraag, "r"),
        "Herziene planning en meerwerk.eml": planning,
        "Melding zonder datum.eml": zonder,
        "Laatste kans.eml": actie,
    }


def samira() -> dict[str, bytes]:
    """Make the mail of someone without a key function."""
    antwoord = mail(
        "samira",
        "lotte",
        "Raadsvragen: concept-antwoord geluid",
        "Wed, 18 Nov 2026 10:20:00 +0100",
        "concept-1",
    )
    antwoord.set_content("Dag Lotte, hierbij het concept. Klopt de naam van de straat?\n\nSamira\n")
    pers = mail(
        "fenna",
        "samira",
        "Persvragen oktober op een rij",
        "Tue, 20 Oct 2026 09:05:00 +0200",
        "pers-okt",
    )
    pers.set_content(
        "Hallo Samira, dit waren de vragen: 1. kosten 2. omleiding 3. geluid.\n\nFenna\n"
    )
    water = mail(
        "lotte",
        "samira",
        "Wateroverlast Zuiderkade: reacties",
        "Thu, 15 Oct 2026 16:44:00 +0200",
        "water-1",
    )
    water.set_content("Er zijn 112 reacties van bewoners binnen. Ik maak er een overzicht van.\n")
    return {
        "Raadsvragen concept-antwoord geluid.eml": done(antwoord, "x"),
        "Persvragen oktober op een rij.eml": done(pers, "y"),
        "Wateroverlast Zuiderkade reacties.eml": done(water, "z"),
    }


def mbox() -> bytes:
    """Make the shared mailbox as mboxrd: each line that begins with From gets one more mark."""
    texts = (
        (
            "Ontvangst aanvraag 2026-0418",
            "Fri, 13 Nov 2026 17:45:00 +0100",
            "Fri Nov 13 17:45:00",
            "Uw aanvraag is ontvangen.\n\nFrom Veldermeer met groet,\nPostbus Bouwen\n",
        ),
        (
            "Vraag over dakkapel",
            "Mon, 09 Nov 2026 09:12:00 +0100",
            "Mon Nov 09 09:12:00",
            "Mag ik zonder vergunning een dakkapel aan de achterkant plaatsen?\n",
        ),
        (
            "RE: Vraag over dakkapel",
            "Mon, 09 Nov 2026 14:30:00 +0100",
            "Mon Nov 09 14:30:00",
            "Dat mag soms. Doe eerst de vergunningcheck.\n\n> Mag ik zonder vergunning?\n",
        ),
        (
            "Steiger op de stoep",
            "Tue, 10 Nov 2026 08:05:00 +0100",
            "Tue Nov 10 08:05:00",
            "Er staat een steiger op de stoep. Wie is de eigenaar?\n>From hieraf geciteerd.\n",
        ),
        (
            "Tekening bij aanvraag 2026-0418",
            "Thu, 12 Nov 2026 11:00:00 +0100",
            "Thu Nov 12 11:00:00",
            "De tekening zit in de bijlage.\n",
        ),
        (
            "Café terras: vergunning",
            "Wed, 28 Oct 2026 15:10:00 +0100",
            "Wed Oct 28 15:10:00",
            "Wij willen het terras van café De Kade in de winter laten staan. Kost dat € 50?\n",
        ),
    )
    out = b""
    for number, (subject, date, envelope, body) in enumerate(texts):
        reply = subject.startswith("RE:")
        sender = (
            "bouwen" if reply or number == 0 else f"Inwoner {number} <inwoner{number}@post.example>"
        )
        message = mail(
            sender,
            "inwoner1@post.example" if reply or number == 0 else "bouwen",
            subject,
            date,
            f"bouwen-{number}",
            after=("bouwen-1",) if reply else (),
        )
        message.set_content(body, cte="8bit" if number == 5 else "7bit")
        if "Tekening" in subject:
            message.add_attachment(
                pdf("Tekening dakkapel", "Schaal 1:50"),
                "application",
                "pdf",
                filename="tekening dakkapel.pdf",
            )
        address = message["From"].addresses[0].addr_spec
        lines = done(message, f"m{number}").replace(b"\r\n", b"\n").splitlines(keepends=True)
        out += f"From {address} {envelope} 2026\n".encode()
        for line in lines:
            out += b">" + line if line.lstrip(b">").startswith(b"From ") else line
        out += b"\n"
    return out


def whatsapp() -> bytes:
    """Make the zip that Android shares: the text first, then the media."""
    return zip_of(
        {
            "WhatsApp-chat met Team Kadebrug.txt": android(),
            "IMG-20261110-WA0003.jpg": jpg(),
            "IMG-20261112-WA0001.jpg": jpg(120, 90),
            "DOC-20261116-WA0002.pdf": pdf("Bewonersbrief nachtwerk", "17 en 18 november"),
        }
    )


def main() -> None:
    """Write all files."""
    files = {
        **{
            f"mira-van-oosterhof/{k}": v
            for k, v in (thread() | with_attachments() | plain()).items()
        },
        "mira-van-oosterhof/WhatsApp-chat met Team Kadebrug.zip": whatsapp(),
        "mira-van-oosterhof/WhatsApp Collegekamer/_chat.txt": ios(),
        **{f"samira-tolhuizen/{k}": v for k, v in samira().items()},
        "postbus-bouwen/postbus-bouwen.mbox": mbox(),
    }
    for name, data in files.items():
        path = TARGET / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
