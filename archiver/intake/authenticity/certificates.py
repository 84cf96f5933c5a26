"""X.509 certificates: who holds them, when they are in force, and whether a trusted issuer gave them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from archiver.intake.authenticity.facts import Certificate, Signer, Trust, printable

_DER = Encoding.DER
_FOR_MAIL = {ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}


def described(certificate: x509.Certificate) -> Certificate:
    """Say what a certificate says of itself."""
    return Certificate(
        subject=name_of(certificate.subject),
        issuer=name_of(certificate.issuer),
        serial=f"{certificate.serial_number:x}",
        not_before=certificate.not_valid_before_utc.isoformat(),
        not_after=certificate.not_valid_after_utc.isoformat(),
        sha256=hashlib.sha256(certificate.public_bytes(_DER)).hexdigest(),
    )


def holder(certificate: x509.Certificate) -> Signer:
    """Say who holds a certificate: its common name, its mail address, its serial number and issuer."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    found = addresses(certificate)
    return Signer(
        name=printable(str(names[0].value)) if names else name_of(certificate.subject) or None,
        address=found[0] if found else None,
        serial=f"{certificate.serial_number:x}",
        issuer=name_of(certificate.issuer) or None,
    )


def addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """Give the mail addresses that a certificate is for."""
    found: list[str] = []
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        found.extend(names.value.get_values_for_type(x509.RFC822Name))
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        found.clear()  # an old certificate has its address in the subject only
    for one in certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS):
        found.append(str(one.value))
    return tuple(dict.fromkeys(printable(a) for a in found))


def name_of(name: x509.Name) -> str:
    """Give a distinguished name as one line (RFC 4514)."""
    return printable(name.rfc4514_string())


def in_force(certificates: Sequence[x509.Certificate], moment: str | None) -> bool | None:
    """Tell whether all certificates were in force at the moment; None when there is no such moment."""
    then = instant(moment)
    if then is None or not certificates:
        return None
    return all(c.not_valid_before_utc <= then <= c.not_valid_after_utc for c in certificates)


def instant(moment: str | None) -> datetime | None:
    """Read an ISO 8601 time with offset; None for anything else."""
    if moment is None:
        return None
    try:
        then = datetime.fromisoformat(moment)
        return then.astimezone(UTC) if then.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def chain_of(
    leaf: x509.Certificate, others: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """Put the certificates of a message in order, from the holder up, as far as the issuers are there."""
    chain = [leaf]
    left = [c for c in others if c != leaf]
    while chain[-1].issuer != chain[-1].subject:
        above = next((c for c in left if c.subject == chain[-1].issuer), None)
        if above is None:
            break
        chain.append(above)
        left.remove(above)
    return tuple(chain)


def trust(
    leaf: x509.Certificate,
    others: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    moment: str | None,
) -> tuple[Trust, str | None]:
    """Tell whether one of the trusted issuers stands above this certificate, at the sending moment.

    Without trusted issuers or without a moment nothing is checked. No revocation list is asked.
    """
    then = instant(moment)
    if not roots or then is None:
        return Trust.UNCHECKED, None
    if not all(_for_mail(certificate) for certificate in chain_of(leaf, others)):
        return Trust.UNTRUSTED, None
    # The rules of the web for issuers, but for what the key is for: that is mail here.
    issuers = verification.ExtensionPolicy.webpki_defaults_ca().may_be_present(
        x509.ExtendedKeyUsage, verification.Criticality.AGNOSTIC, None
    )
    verifier = (
        verification.PolicyBuilder()
        .store(verification.Store(list(roots)))
        .time(then.replace(tzinfo=None))
        .extension_policies(ca_policy=issuers, ee_policy=verification.ExtensionPolicy.permit_all())
        .build_client_verifier()
    )
    try:
        verified = verifier.verify(leaf, [c for c in others if c != leaf])
    except (verification.VerificationError, ValueError, UnsupportedAlgorithm):
        return Trust.UNTRUSTED, None
    return Trust.TRUSTED, name_of(verified.chain[-1].subject)


def read_roots(files: Sequence[bytes]) -> tuple[x509.Certificate, ...]:
    """Read the trusted certificates (PEM, more than one a file). ValueError when a file is none."""
    return tuple(c for data in files for c in x509.load_pem_x509_certificates(data))


def _for_mail(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except (x509.DuplicateExtension, ValueError):
        return False
    return any(oid in _FOR_MAIL for oid in usage)
