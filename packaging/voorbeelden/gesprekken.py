"""The invented chats of the sample set, in the form that WhatsApp exports them."""

from __future__ import annotations

LRM = "\u200e"
MIRA, JORIS = "Mira van Oosterhof", "Joris Blankert"
TEUN, SAMIRA = "Teun Waardhof", "Samira Tolhuizen"
_SEALED = (
    "Berichten en oproepen worden end-to-end versleuteld. Niemand buiten deze chat kan ze lezen "
    "of beluisteren, zelfs WhatsApp niet. Tik voor meer informatie."
)

# (day and time, sender or empty for a system line, text): 46 events, 9 to 16 November 2026.
KADEBRUG = (
    ("09-11-2026 08:30", "", _SEALED),
    ("09-11-2026 08:30", "", f"{LRM}{JORIS} heeft de groep Team Kadebrug gemaakt"),
    ("09-11-2026 08:31", "", f"{LRM}{JORIS} heeft u toegevoegd"),
    ("09-11-2026 08:31", "", f"{LRM}{JORIS} heeft {TEUN} toegevoegd"),
    ("09-11-2026 08:32", "", f"{LRM}{JORIS} heeft {SAMIRA} toegevoegd"),
    ("09-11-2026 08:35", JORIS, "Welkom allemaal. Hier korte afstemming, besluiten per mail."),
    ("09-11-2026 08:37", MIRA, "Goed plan 👍"),
    ("09-11-2026 08:40", TEUN, "Prima. Raadsvoorstel v2 staat in de projectmap."),
    ("09-11-2026 09:02", SAMIRA, "Vandaag drie telefoontjes van bewoners over het geluid."),
    ("09-11-2026 09:04", JORIS, "Van de Werfstraat?"),
    ("09-11-2026 09:05", SAMIRA, "Ja, alle drie. Ik bel ze terug."),
    (
        "10-11-2026 11:58",
        JORIS,
        "Stuurgroep is klaar. Punten:\n- lot 2 kan door\n- planning "
        "schuift één week\n\n- communicatie ligt bij Samira",
    ),
    ("10-11-2026 12:03", MIRA, "Dank. Ik zet het in de stand van zaken voor het college."),
    ("10-11-2026 12:10", TEUN, "<Media weggelaten>"),
    ("10-11-2026 12:11", TEUN, "Dat was de verkeerde foto, sorry"),
    ("10-11-2026 12:14", TEUN, "Dit bericht is verwijderd"),
    (
        "10-11-2026 12:15",
        TEUN,
        f"{LRM}IMG-20261110-WA0003.jpg (bestand bijgevoegd)\nDe kade bij pijler 2",
    ),
    ("10-11-2026 12:20", MIRA, "Die scheur zat er vorige maand ook al?"),
    ("10-11-2026 12:22", TEUN, "Ja, niet groter geworden. De meetbout staat op 2,1 mm."),
    ("10-11-2026 16:45", SAMIRA, "Wethouder vraagt om één A4 over de omleiding."),
    ("10-11-2026 16:47", MIRA, "Kan dat donderdag?"),
    ("10-11-2026 16:48", SAMIRA, "Ja, donderdag 12.00 uur <Dit bericht is bewerkt>"),
    ("11-11-2026 07:55", JORIS, "Aannemer meldt: hei-installatie komt een dag later."),
    ("11-11-2026 08:01", MIRA, "Gevolgen voor de planning?"),
    ("11-11-2026 08:03", JORIS, "Geen. Er zat speling in."),
    ("11-11-2026 14:20", "", f"{LRM}{SAMIRA} heeft de groepsafbeelding gewijzigd"),
    ("12-11-2026 12:04", SAMIRA, f"{LRM}IMG-20261112-WA0001.jpg (bestand bijgevoegd)"),
    ("12-11-2026 12:05", SAMIRA, "Schets van de omleiding voor de fiets."),
    ("12-11-2026 12:31", MIRA, "Akkoord. Eén ding: zet de school erop."),
    ("12-11-2026 12:40", SAMIRA, "Gedaan: zie de mail: onderwerp 'omleiding'"),
    ("13-11-2026 09:15", TEUN, "Raadsvoorstel v3 gaat vanmiddag rond."),
    ("13-11-2026 09:16", MIRA, "Je hebt dit bericht verwijderd"),
    ("13-11-2026 09:18", MIRA, "Fijn. Let op de dekking: € 1,2 miljoen uit de reserve."),
    ("13-11-2026 09:30", TEUN, "Staat erin, blz. 4."),
    (
        "16-11-2026 08:41",
        JORIS,
        "Goedemorgen. De aannemer vraagt of de nachtploeg morgen door mag.",
    ),
    ("16-11-2026 08:43", MIRA, "Ja, binnen de vergunning. Leg het wel vast bij Teun."),
    ("16-11-2026 08:44", TEUN, "Staat genoteerd: nachtwerk 17 en 18 november, tot 05:00 uur."),
    (
        "16-11-2026 08:52",
        JORIS,
        "Ik ben donderdag vrij trouwens, de kleine moet naar het ziekenhuis voor controle.",
    ),
    ("16-11-2026 08:53", MIRA, "Sterkte! Hoop dat het meevalt. Doe je groeten thuis."),
    (
        "16-11-2026 09:10",
        SAMIRA,
        f"{LRM}DOC-20261116-WA0002.pdf (bestand bijgevoegd)\n"
        "Bewonersbrief is klaar. Ik stuur hem vanmiddag rond.",
    ),
    ("16-11-2026 09:12", MIRA, "Akkoord met de tekst. Verstuur maar."),
    ("16-11-2026 12:31", JORIS, "Zaterdag nog naar de ledenvergadering van de partij?"),
    ("16-11-2026 13:05", TEUN, "Meting geluid vannacht: 58 dB bij de Werfstraat. Onder de norm."),
    ("16-11-2026 13:11", MIRA, "Mooi. Neem je dat op in het weekverslag?"),
    ("16-11-2026 13:12", TEUN, "Doe ik."),
    (
        "16-11-2026 13:15",
        "",
        "Je beveiligingscode voor Joris Blankert is gewijzigd. Tik voor meer informatie.",
    ),
)

# iOS puts the name of the group as sender on its system lines.
COLLEGEKAMER = (
    (
        "02-11-2026 17:01:10",
        "Collegekamer",
        f"{LRM}Berichten en gesprekken worden end-to-end "
        "versleuteld. Niemand buiten deze chat kan ze lezen of beluisteren, zelfs WhatsApp niet.",
    ),
    ("02-11-2026 17:01:10", "Collegekamer", f"{LRM}Fenna Oldekamp heeft deze groep aangemaakt"),
    ("02-11-2026 17:02:44", "Fenna Oldekamp", "De krant vraagt morgen om een reactie."),
    ("02-11-2026 17:04:03", MIRA, "Stuur de vragen door, dan kijk ik vanavond."),
    ("03-11-2026 08:11:20", "Fenna Oldekamp", f"{LRM}afbeelding weggelaten"),
    ("03-11-2026 08:12:09", MIRA, f"Akkoord met deze reactie. {LRM}<Dit bericht is bewerkt>"),
    ("03-11-2026 08:12:55", "Lotte Brinkveld", "Ik zet hem klaar.\nOm 9.00 uur op de site."),
    ("03-11-2026 08:14:02", "Lotte Brinkveld", f"{LRM}Dit bericht is verwijderd."),
    ("03-11-2026 09:00:31", "~\u202fNoor", "Hij staat erop ✅"),
)


def android() -> bytes:
    """Give the export text as Android writes it: UTF-8, LF, no mark at the start."""
    lines = (f"{at} - {who}: {text}" if who else f"{at} - {text}" for at, who, text in KADEBRUG)
    return ("\n".join(lines) + "\n").encode()


def ios() -> bytes:
    """Give the export text as iOS writes it: bracketed moments, CRLF, marks before media."""
    lines = []
    for at, who, text in COLLEGEKAMER:
        mark = LRM if "weggelaten" in text else ""
        lines.append(f"{mark}[{at}] {who}: {text}".replace("\n", "\r\n"))
    return ("\r\n".join(lines) + "\r\n").encode()
