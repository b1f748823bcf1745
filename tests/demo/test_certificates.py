"""The demo's certificates survive every start, because passwords are bound to them."""

import stat

from cryptography import x509
from cryptography.x509 import IPAddress, SubjectAlternativeName

from portal.demo.certificates import ensure_certificates


def test_the_same_authority_and_certificate_are_found_at_every_start(tmp_path):
    first = ensure_certificates(tmp_path)
    key = first.server_file.read_bytes()
    second = ensure_certificates(tmp_path)

    assert (second, second.server_file.read_bytes()) == (first, key)


def test_the_server_s_certificate_is_for_loopback_by_name_and_by_address(tmp_path):
    certificate = x509.load_pem_x509_certificates(ensure_certificates(tmp_path).server_file.read_bytes())[0]
    names = certificate.extensions.get_extension_for_class(SubjectAlternativeName).value

    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(each) for each in names.get_values_for_type(IPAddress)] == ["127.0.0.1"]


def test_what_is_kept_can_be_read_by_its_owner_alone(tmp_path):
    ensure_certificates(tmp_path / "demo")

    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "demo").iterdir()} == {0o600}


def test_the_authority_s_key_is_kept_nowhere(tmp_path):
    ensure_certificates(tmp_path)

    assert "PRIVATE KEY" not in (tmp_path / "authority.pem").read_text()


def test_an_interrupted_first_start_is_made_good_by_the_next(tmp_path):
    ensure_certificates(tmp_path)
    (tmp_path / "authority.pem").unlink()

    certificates = ensure_certificates(tmp_path)

    assert certificates.server_context() is not None
    assert "CERTIFICATE" in certificates.authority
