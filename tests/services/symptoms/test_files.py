"""Files that others may read or change, and folders that do not last, are named."""

import os
import shutil
from typing import NamedTuple

import pytest

from portal.services.symptoms import files
from tests.fixtures_portal import settings_for


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An instance on an ordinary disk that is nobody else's."""
    folder = tmp_path / "instance"
    (folder / "journal").mkdir(parents=True)
    for each in (folder, folder / "journal"):
        each.chmod(0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(files, "disk_of", lambda _folder: "ext4")
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(1, 1, 10 * 1024**3))
    return folder


def signs(home, *, database=True, **changes):
    settings = settings_for(home, **{"production": True, **changes})
    found = files.look(settings, home.parent / ".env", home / "portal.db" if database else None)
    return {(each.sign.value, each.severity.name.lower()) for each in found}


def secret_file(path, mode):
    path.write_text("a secret")
    path.chmod(mode)
    return path


def test_of_a_safe_instance_nothing_is_said(home, tmp_path):
    secret_file(tmp_path / ".env", 0o600)
    keys = secret_file(tmp_path / "keys", 0o600)

    assert signs(home, secret_files=(("PORTAL_KEYS_FILE", keys),)) == set()


@pytest.mark.asvs("13.3.2")
@pytest.mark.parametrize(
    ("mode", "sign"), [(0o644, ("others-read", "error")), (0o640, ("group-reads", "warning")), (0o400, None)]
)
def test_secrets_that_others_read_are_named(home, tmp_path, mode, sign):
    secret_file(tmp_path / ".env", mode)
    assert signs(home) == ({sign} if sign else set())

    (tmp_path / ".env").unlink()
    keys = secret_file(tmp_path / "keys", mode)
    assert signs(home, secret_files=(("PORTAL_KEYS_FILE", keys),)) == ({sign} if sign else set())


def test_folders_that_others_change_are_named(home):
    (home / "journal").chmod(0o777)

    assert signs(home) == {("others-write", "error")}


def test_a_folder_that_others_read_is_named_unless_they_do_not_come_that_far(home, tmp_path):
    home.chmod(0o755)
    tmp_path.chmod(0o700)
    assert signs(home) == set()


def test_keys_beside_the_database_are_named(home):
    keys = secret_file(home / "keys", 0o600)

    assert signs(home, secret_files=(("PORTAL_KEYS_FILE", keys),)) == {("keys-beside-database", "error")}
    assert signs(home, production=False) == {("keys-beside-database", "note")}
    assert signs(home, database=False, secret_files=(("PORTAL_KEYS_FILE", keys),)) == set()


@pytest.mark.parametrize(
    ("kind", "sign"),
    [
        ("nfs4", ("network-folder", "error")),
        ("cifs", ("network-folder", "error")),
        ("fuse.sshfs", ("network-folder", "error")),
        ("tmpfs", ("vanishing-folder", "error")),
        ("overlay", None),
        ("", None),
    ],
)
def test_folders_on_a_network_or_in_memory_are_named(home, monkeypatch, kind, sign):
    monkeypatch.setattr(files, "disk_of", lambda _folder: kind)
    shutil.rmtree(home / "journal")

    assert signs(home) == ({sign} if sign else set())


def test_a_journal_on_a_network_is_a_warning_alone(home, monkeypatch):
    monkeypatch.setattr(files, "disk_of", lambda _folder: "nfs")
    shutil.rmtree(home / "journal")

    assert signs(home, database=False) == {("network-folder", "warning")}


@pytest.mark.parametrize(("free", "sign"), [(400, ("disk-low", "warning")), (10, ("disk-full", "error"))])
def test_a_disk_without_room_is_named(home, monkeypatch, free, sign):
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: Usage(1, 1, free * 1024**2))

    assert signs(home) == {sign}


def test_root_is_named(home, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    assert signs(home) == {("runs-as-root", "warning")}


def test_the_nearest_mount_above_a_folder_counts(tmp_path):
    mounts = tmp_path / "mounts"
    mounts.write_text(
        f"/dev/sda / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\nserver:/y {tmp_path}/a\\040b cifs rw 0 0\nbroken\n"
    )
    (tmp_path / "a b" / "c").mkdir(parents=True)

    assert files.disk_of(tmp_path / "a b" / "c", mounts) == "cifs"
    assert files.disk_of(tmp_path / "other", mounts) == "nfs4"
    assert files.disk_of(tmp_path.parent, mounts) == "ext4"
    assert files.disk_of(tmp_path, tmp_path / "none") == ""
