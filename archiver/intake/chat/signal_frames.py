"""The frames of a Signal backup (protobuf) as the JSON of its plaintext export, for our own reader.

Only the fields that say something of a conversation are taken over; keys are not, and every field that
is not taken over is counted. Numbers of fields: backup.proto of Signal, version 1.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping
from typing import Any

from archiver.intake.chat.protobuf import Damaged, fields

_DEEPEST = 20
# Per message: number -> (name, kind). Kinds: n number, i64 number as text, b yes or no, s text, y bytes,
# the name of another message, or of an enumeration; a star says that it may come more than once.
_MESSAGES: Mapping[str, Mapping[int, tuple[str, str]]] = {
    "BackupInfo": {
        1: ("version", "i64"),
        2: ("backupTimeMs", "i64"),
        4: ("currentAppVersion", "s"),
    },
    "Frame": {
        1: ("account", "Account"),
        2: ("recipient", "Recipient"),
        3: ("chat", "Chat"),
        4: ("chatItem", "ChatItem"),
    },
    "Account": {2: ("username", "s"), 4: ("givenName", "s"), 5: ("familyName", "s")},
    "Recipient": {
        1: ("id", "i64"),
        2: ("contact", "Contact"),
        3: ("group", "Group"),
        5: ("self", "Empty"),
        6: ("releaseNotes", "Empty"),
    },
    "Empty": {},
    "Contact": {
        1: ("aci", "y"),
        2: ("pni", "y"),
        3: ("username", "s"),
        4: ("e164", "i64"),
        11: ("profileGivenName", "s"),
        12: ("profileFamilyName", "s"),
        16: ("nickname", "Nickname"),
        18: ("systemGivenName", "s"),
        19: ("systemFamilyName", "s"),
        20: ("systemNickname", "s"),
    },
    "Nickname": {1: ("given", "s"), 2: ("family", "s")},
    "Group": {5: ("snapshot", "Snapshot")},
    "Snapshot": {2: ("title", "Blob"), 7: ("members", "*Member"), 11: ("description", "Blob")},
    "Blob": {1: ("title", "s"), 4: ("descriptionText", "s")},
    "Member": {1: ("userId", "y")},
    "Chat": {1: ("id", "i64"), 2: ("recipientId", "i64"), 5: ("expirationTimerMs", "i64")},
    "ChatItem": {
        1: ("chatId", "i64"),
        2: ("authorId", "i64"),
        3: ("dateSent", "i64"),
        5: ("expiresInMs", "i64"),
        6: ("revisions", "*ChatItem"),
        7: ("sms", "b"),
        8: ("incoming", "Incoming"),
        9: ("outgoing", "Outgoing"),
        10: ("directionless", "Empty"),
        11: ("standardMessage", "Standard"),
        12: ("contactMessage", "ContactMessage"),
        13: ("stickerMessage", "StickerMessage"),
        14: ("remoteDeletedMessage", "Empty"),
        15: ("updateMessage", "Update"),
        16: ("paymentNotification", "Payment"),
        17: ("giftBadge", "Empty"),
        18: ("viewOnceMessage", "ViewOnce"),
        19: ("directStoryReplyMessage", "StoryReply"),
        20: ("poll", "Poll"),
        22: ("adminDeletedMessage", "AdminDeleted"),
    },
    "Incoming": {1: ("dateReceived", "i64"), 2: ("dateServerSent", "i64"), 3: ("read", "b")},
    "Outgoing": {2: ("dateReceived", "i64")},
    "Standard": {
        1: ("quote", "Quote"),
        2: ("text", "Text"),
        3: ("attachments", "*Attachment"),
        5: ("longText", "Pointer"),
        6: ("reactions", "*Reaction"),
    },
    "Text": {1: ("body", "s")},
    "Quote": {1: ("targetSentTimestamp", "i64"), 2: ("authorId", "i64"), 3: ("text", "Text")},
    "Attachment": {1: ("pointer", "Pointer")},
    "Pointer": {
        4: ("contentType", "s"),
        7: ("fileName", "s"),
        10: ("caption", "s"),
        13: ("locatorInfo", "Locator"),
    },
    "Locator": {3: ("size", "n"), 10: ("plaintextHash", "y")},
    "Reaction": {1: ("emoji", "s"), 2: ("authorId", "i64"), 3: ("sentTimestamp", "i64")},
    "ContactMessage": {1: ("contact", "Card"), 2: ("reactions", "*Reaction")},
    "Card": {1: ("name", "CardName"), 3: ("number", "*Valued"), 4: ("email", "*Valued")},
    "CardName": {
        1: ("givenName", "s"),
        2: ("familyName", "s"),
        3: ("prefix", "s"),
        4: ("suffix", "s"),
        5: ("middleName", "s"),
    },
    "Valued": {1: ("value", "s")},
    "StickerMessage": {1: ("sticker", "Sticker"), 2: ("reactions", "*Reaction")},
    "Sticker": {3: ("stickerId", "n"), 4: ("emoji", "s"), 5: ("data", "Pointer")},
    "Payment": {3: ("note", "s")},
    "ViewOnce": {1: ("attachment", "Attachment"), 2: ("reactions", "*Reaction")},
    "StoryReply": {1: ("textReply", "TextReply"), 2: ("emoji", "s"), 3: ("reactions", "*Reaction")},
    "TextReply": {1: ("text", "Text"), 2: ("longText", "Pointer")},
    "AdminDeleted": {1: ("adminId", "i64")},
    "Poll": {
        1: ("question", "s"),
        2: ("allowMultiple", "b"),
        3: ("options", "*Option"),
        4: ("hasEnded", "b"),
        5: ("reactions", "*Reaction"),
    },
    "Option": {1: ("option", "s"), 2: ("votes", "*Vote")},
    "Vote": {1: ("voterId", "i64"), 2: ("voteCount", "n")},
    "Update": {
        1: ("simpleUpdate", "Simple"),
        2: ("groupChange", "GroupChange"),
        3: ("expirationTimerChange", "Timer"),
        4: ("profileChange", "Profile"),
        5: ("threadMerge", "Empty"),
        6: ("sessionSwitchover", "Empty"),
        7: ("individualCall", "IndividualCall"),
        8: ("groupCall", "GroupCall"),
        9: ("learnedProfileChange", "Empty"),
        10: ("pollTerminate", "Empty"),
        11: ("pinMessage", "Empty"),
    },
    "Simple": {1: ("type", "SimpleType")},
    "Timer": {1: ("expiresInMs", "i64")},
    "Profile": {1: ("previousName", "s"), 2: ("newName", "s")},
    "IndividualCall": {4: ("state", "CallState"), 5: ("startedCallTimestamp", "i64")},
    "GroupCall": {2: ("state", "GroupCallState"), 5: ("startedCallTimestamp", "i64")},
    "GroupChange": {1: ("updates", "*GroupUpdate")},
    "GroupUpdate": {
        number: (name, "Empty")
        for number, name in enumerate(
            (
                *(
                    "genericGroupUpdate",
                    "groupCreationUpdate",
                    "groupNameUpdate",
                    "groupAvatarUpdate",
                ),
                *("groupDescriptionUpdate", "groupMembershipAccessLevelChangeUpdate"),
                *("groupAttributesAccessLevelChangeUpdate", "groupAnnouncementOnlyChangeUpdate"),
                *("groupAdminStatusUpdate", "groupMemberLeftUpdate", "groupMemberRemovedUpdate"),
                *("selfInvitedToGroupUpdate", "selfInvitedOtherUserToGroupUpdate"),
                *("groupUnknownInviteeUpdate", "groupInvitationAcceptedUpdate"),
                *(
                    "groupInvitationDeclinedUpdate",
                    "groupMemberJoinedUpdate",
                    "groupMemberAddedUpdate",
                ),
                *("groupSelfInvitationRevokedUpdate", "groupInvitationRevokedUpdate"),
                *("groupJoinRequestUpdate", "groupJoinRequestApprovalUpdate"),
                *("groupJoinRequestCanceledUpdate", "groupInviteLinkResetUpdate"),
                *("groupInviteLinkEnabledUpdate", "groupInviteLinkAdminApprovalUpdate"),
                *("groupInviteLinkDisabledUpdate", "groupMemberJoinedByLinkUpdate"),
                *("groupV2MigrationUpdate", "groupV2MigrationSelfInvitedUpdate"),
                *("groupV2MigrationInvitedMembersUpdate", "groupV2MigrationDroppedMembersUpdate"),
                *("groupSequenceOfRequestsAndCancelsUpdate", "groupExpirationTimerUpdate"),
                *("groupMemberLabelAccessLevelChangeUpdate", "groupTerminateChangeUpdate"),
            ),
            1,
        )
    },
}
_ENUMS: Mapping[str, tuple[str, ...]] = {
    "SimpleType": (
        *("UNKNOWN", "JOINED_SIGNAL", "IDENTITY_UPDATE", "IDENTITY_VERIFIED", "IDENTITY_DEFAULT"),
        *("CHANGE_NUMBER", "RELEASE_CHANNEL_DONATION_REQUEST", "END_SESSION"),
        *("CHAT_SESSION_REFRESH", "BAD_DECRYPT", "PAYMENTS_ACTIVATED"),
        *("PAYMENT_ACTIVATION_REQUEST", "UNSUPPORTED_PROTOCOL_MESSAGE", "REPORTED_SPAM"),
        *("BLOCKED", "UNBLOCKED", "MESSAGE_REQUEST_ACCEPTED"),
    ),
    "CallState": (
        "UNKNOWN_STATE",
        "ACCEPTED",
        "NOT_ACCEPTED",
        "MISSED",
        "MISSED_NOTIFICATION_PROFILE",
    ),
    "GroupCallState": (
        *("UNKNOWN_STATE", "GENERIC", "JOINED", "RINGING", "ACCEPTED", "DECLINED", "MISSED"),
        *("MISSED_NOTIFICATION_PROFILE", "OUTGOING_RING"),
    ),
}


def as_json(data: bytes, name: str, left_out: Counter[str], depth: int = 0) -> dict[str, Any]:
    """Give a message as the plaintext export writes it. `Damaged` when these bytes are none."""
    if depth > _DEEPEST:
        raise Damaged
    known, found = _MESSAGES[name], dict[str, Any]()
    for number, value in fields(data):
        if number not in known:
            left_out["andere velden"] += 1
            continue
        field, kind = known[number]
        made = _value(value, kind.removeprefix("*"), left_out, depth)
        if kind.startswith("*"):
            found.setdefault(field, []).append(made)
        else:
            found[field] = made
    return found


def locators(data: bytes, name: str = "Frame", depth: int = 0) -> list[tuple[bytes, bytes, int]]:
    """Give of every file in a frame: key of the local file, SHA-256 and size of the content."""
    if depth > _DEEPEST:
        raise Damaged
    known = _MESSAGES[name]
    if name == "Locator":
        raw = dict(fields(data))
        key, digest, size = raw.get(9), raw.get(10), raw.get(3, 0)
        whole = isinstance(key, bytes) and isinstance(digest, bytes) and isinstance(size, int)
        return [(key, digest, size)] if whole and len(key) == 64 else []  # type: ignore[list-item, arg-type]
    found = []
    for number, value in fields(data):
        kind = known.get(number, ("", ""))[1].removeprefix("*")
        if kind in _MESSAGES and isinstance(value, bytes):
            found += locators(value, kind, depth + 1)
    return found


def _value(value: int | bytes, kind: str, left_out: Counter[str], depth: int) -> Any:
    if kind in _MESSAGES:
        if not isinstance(value, bytes):
            raise Damaged
        return as_json(value, kind, left_out, depth + 1)
    if kind in ("s", "y"):
        if not isinstance(value, bytes):
            raise Damaged
        return value.decode("utf-8", "replace") if kind == "s" else base64.b64encode(value).decode()
    if not isinstance(value, int):
        raise Damaged
    if kind in _ENUMS:
        names = _ENUMS[kind]
        return names[value] if value < len(names) else f"UNKNOWN_{value}"
    return {"i64": str(value), "b": bool(value)}.get(kind, value)
