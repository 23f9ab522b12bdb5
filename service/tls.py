"""Who is believed, and how we are: TLS contexts for the stores and for our own listener.

``certificates/rds/<region>.pem`` holds the three root authorities (RSA 2048, RSA 4096, ECC 384) with which Amazon RDS
signs its databases in that region, as published by AWS; each is valid until 2061 or longer.
"""

import ssl
from collections.abc import Mapping
from pathlib import Path

_RDS = Path(__file__).parent / "certificates" / "rds"


def rds_authorities() -> Mapping[str, Path]:
    """Return the PEM file of Amazon RDS's authorities by region."""
    return {path.stem: path for path in sorted(_RDS.glob("*.pem"))}


def client_context(authority: Path | None) -> ssl.SSLContext:
    """Return a context that believes only ``authority`` (None: what the system trusts), and checks the host's name.

    Raises:
        OSError: the file cannot be read or holds no certificate.

    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authority is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(authority)
    return context


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return the context of our listener.

    Raises:
        OSError: a file cannot be read, holds something else, or the two do not belong together.

    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key, password=_no_password)
    return context


def _no_password() -> str:
    # Without this, OpenSSL asks the terminal for the password of an encrypted key and a start hangs.
    return ""
