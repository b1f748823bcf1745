"""Knows the demo's certificates: made once, because the stored mail passwords are bound to the authority."""

import ssl
from dataclasses import dataclass
from pathlib import Path

from portal.demo.private_files import write_private

_NAMES = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class Certificates:
    """`authority` is the PEM that the demo's configurations trust; `server_file` holds the server's key and chain."""

    authority: str
    server_file: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.server_file)
        return context


def ensure_certificates(folder: Path) -> Certificates:
    """Return what is kept in `folder`, or make a new authority with one server certificate and keep both."""
    authority_file, server_file = folder / "authority.pem", folder / "server.pem"
    if not authority_file.exists():
        _make(authority_file, server_file)
    return Certificates(authority_file.read_text(encoding="ascii"), server_file)


def _make(authority_file: Path, server_file: Path) -> None:
    import trustme  # only the first start of a demo needs it

    # The authority's key is forgotten at once: nothing but this one certificate will ever be signed with it.
    authority = trustme.CA(organization_name="Relaytree demo", key_type=trustme.KeyType.ECDSA)
    server = authority.issue_cert(*_NAMES, key_type=trustme.KeyType.ECDSA)
    write_private(server_file, server.private_key_and_cert_chain_pem.bytes())
    # Written last: where the authority's file is, everything is.
    write_private(authority_file, authority.cert_pem.bytes())
