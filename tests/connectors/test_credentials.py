"""Keys come from the environment or a file of one's own, and are never shown."""

from pathlib import Path

import pytest

from connectors.trading.credentials import KeysError, load_credentials


def test_the_environment_comes_first(tmp_path: Path) -> None:
    found = load_credentials(
        "us-desk", tmp_path, {"TICKSTREAM_US_DESK_KEY": "k", "TICKSTREAM_US_DESK_SECRET": "s"}
    )
    assert (found.key, found.secret) == ("k", "s")
    assert "k" not in repr(found).replace("Credentials", "").replace("key", "")


def test_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "desk"
    path.parent.mkdir()
    path.write_text('key = "k"\nsecret = s=1\nextra = pass\n')
    path.chmod(0o600)
    found = load_credentials("desk", tmp_path, {})
    assert (found.key, found.secret, found.extra) == ("k", "s=1", "pass")
    path.chmod(0o640)
    with pytest.raises(KeysError, match="chmod 600"):
        load_credentials("desk", tmp_path, {})
    other = {"TICKSTREAM_DESK_KEYS_FILE": str(tmp_path / "other")}
    with pytest.raises(KeysError, match="TICKSTREAM_DESK_SECRET"):
        load_credentials("desk", tmp_path, other)


def test_a_file_without_the_secret_is_refused_without_showing_the_key(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "desk"
    path.parent.mkdir()
    path.write_text("key = very-private\n")
    path.chmod(0o600)
    with pytest.raises(KeysError, match="needs the lines") as caught:
        load_credentials("desk", tmp_path, {})
    assert "very-private" not in str(caught.value)
