"""A certificate authority of one's own, and the broker's certificate (X.509, RFC 5280).

Both are made by `fieldlab setup`, offline; only `ca.pem` leaves the hub's computer.
"""

import datetime
import ipaddress
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from fieldlab.core.secret import write_secret

CA, CA_KEY, SERVER, SERVER_KEY = "ca.pem", "ca.key", "server.pem", "server.key"
CA_DAYS, SERVER_DAYS = 3650, 825
EARLIER = datetime.timedelta(days=1)  # a device's clock may be behind


def write_certificates(folder: Path, names: Sequence[str], now: datetime.datetime) -> Path:
    """Write the broker's certificate for these names; return the authority's own.

    The authority is made once, so that devices that hold its certificate go on trusting the broker;
    the broker's certificate is made anew each time.

    Parameters
    ----------
    names : sequence of str
        How devices reach the broker: host names and IP addresses.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (folder / CA_KEY).is_file():
        _make_authority(folder, now)
    authority = x509.load_pem_x509_certificate((folder / CA).read_bytes())
    ca_key = serialization.load_pem_private_key((folder / CA_KEY).read_bytes(), password=None)
    key = ec.generate_private_key(ec.SECP256R1())
    wanted = x509.SubjectAlternativeName([_alternative(name) for name in names])
    certificate = (
        _certificate(_named(names[0]), authority.subject, key.public_key(), now, SERVER_DAYS)
        .add_extension(wanted, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(_signing(ca_key), hashes.SHA256())
    )
    _write_key(folder / SERVER_KEY, key)
    (folder / SERVER).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return folder / CA


def _make_authority(folder: Path, now: datetime.datetime) -> None:
    key, name = ec.generate_private_key(ec.SECP256R1()), _named("fieldlab's own authority")
    usage = x509.KeyUsage(
        key_cert_sign=True, crl_sign=True, digital_signature=False, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        _certificate(name, name, key.public_key(), now, CA_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_key(folder / CA_KEY, key)
    (folder / CA).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey,
    now: datetime.datetime, days: int,
) -> x509.CertificateBuilder:  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + datetime.timedelta(days=days))
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _signing(key: object) -> ec.EllipticCurvePrivateKey:
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"the authority's key is a {type(key).__name__}")
    return key


def _write_key(file: Path, key: ec.EllipticCurvePrivateKey) -> None:
    content = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_secret(file, content)
