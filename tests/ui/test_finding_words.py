"""What was noticed is said in words that people use: times, classes of Outlook, calendar methods."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from archiver.findings import Finding
from ui.words import class_word, finding_text


@pytest.mark.parametrize(
    ("begin", "said"),
    [
        ("2022-03-16T11:00:00+00:00", "wo 16 mrt 2022 11:00 (UTC)"),
        ("2022-03-16T11:00:00+01:00", "wo 16 mrt 2022 11:00 (UTC+01:00)"),
        ("2021-11-27T09:00:00 (FLE Standard Time)", "za 27 nov 2021 09:00 (FLE Standard Time)"),
        ("", "onbekend"),
        ("morgen", "morgen"),
    ],
)
def test_an_appointment_has_its_time_written_out(app: QApplication, begin: str, said: str) -> None:
    params = {"begin": begin, "eind": begin, "plaats": ""}
    words = finding_text(Finding("agenda.afspraak", params))
    assert words == f"Afspraak van {said} tot {said}, plaats: onbekend."


def test_an_invitation_says_what_it_is(app: QApplication) -> None:
    params = {"methode": "CANCEL", "organisator": "Jan", "onderwerp": "Overleg"}
    assert "(afgezegd)" in finding_text(Finding("agenda.uitnodiging", params))
    other = {**params, "methode": "X-EIGEN"}
    assert "(X-EIGEN)" in finding_text(Finding("agenda.uitnodiging", other))


@pytest.mark.parametrize(
    ("item_class", "word"),
    [
        ("IPM.Appointment", "afspraak"),
        ("IPM.Schedule.Meeting.Request", "vergaderverzoek"),
        ("IPM.Schedule.Meeting.Resp.Pos", "antwoord op een vergaderverzoek"),
        ("REPORT.IPM.Note.NDR", "bericht dat iets niet is bezorgd"),
        ("REPORT.IPM.Note.IPNRN", "leesbevestiging"),
        ("IPM.Note.SMIME.MultipartSigned", ""),
        ("IPM", ""),
        ("", ""),
        ("{0}.%s", ""),
    ],
)
def test_a_class_of_outlook_has_a_word(app: QApplication, item_class: str, word: str) -> None:
    assert class_word(item_class) == word
