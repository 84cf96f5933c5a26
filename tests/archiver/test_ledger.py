from __future__ import annotations

from archiver.ledger import count
from archiver.model import (
    Attachment,
    ChatAttachment,
    ChatMessage,
    Conversation,
    EmailMessage,
    Ledger,
    Span,
    Unreadable,
)


def mail(*attachments: Attachment, parts: int = 1, undecodable: int = 0) -> EmailMessage:
    return EmailMessage(
        "eml",
        0,
        Span(0, 1),
        1,
        "0" * 64,
        attachments=attachments,
        parts=parts,
        undecodable=undecodable,
    )


def test_messages_in_messages_are_counted_all_the_way_down() -> None:
    file = Attachment("a.pdf", "application/pdf", 1, "0" * 64, "2")
    deepest = mail(file, parts=2, undecodable=3)
    middle = mail(
        Attachment(None, "message/rfc822", 1, "0" * 64, "2", kind="message", message=deepest)
    )
    outer = mail(
        file,
        Attachment(None, "message/rfc822", 1, "0" * 64, "3", kind="message", message=middle),
        parts=4,
        undecodable=1,
    )
    assert count(outer) == Ledger(
        messages=1, parts=7, attachments=4, attached_messages=2, undecodable_characters=4
    )


def test_a_conversation_counts_the_same_with_and_without_its_messages() -> None:
    media = (ChatAttachment("a.jpg", True), ChatAttachment("b.jpg", False))
    talk = Conversation("c", "whatsapp", "whatsapp", 0, 1, "0" * 64, message_count=7, media=media)
    assert count(talk) == Ledger(messages=7, attachments=1)
    assert count(ChatMessage("c", 0, Span(0, 1))) == Ledger()


def test_what_could_not_be_read_is_refused() -> None:
    assert count(Unreadable(())) == Ledger(refused=1)
