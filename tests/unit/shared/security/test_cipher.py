"""Boxes open with the right key at the right place, and errors tell nothing secret."""

import base64

import pytest

from shared.security.cipher import Box, Cipher, CipherError

OLD, NEW = b"o" * 32, b"n" * 32


def test_a_box_opens_again() -> None:
    cipher = Cipher({"2025": OLD}, active="2025")
    box = cipher.encrypt("Åsa".encode(), b"person/1")
    assert cipher.decrypt(Box.from_json(box.to_json()), b"person/1") == "Åsa".encode()


def test_equal_texts_give_different_boxes() -> None:
    cipher = Cipher({"2025": OLD}, active="2025")
    assert cipher.encrypt(b"x", b"a") != cipher.encrypt(b"x", b"a")


def test_after_a_change_of_keys_old_boxes_open_and_new_ones_use_the_new_key() -> None:
    old = Cipher({"2025": OLD}, active="2025").encrypt(b"x", b"a")
    changed = Cipher({"2026": NEW, "2025": OLD}, active="2026")
    assert changed.decrypt(old, b"a") == b"x"
    assert changed.encrypt(b"x", b"a").kid == "2026"


def test_an_unknown_key_is_named() -> None:
    box = Cipher({"2026": NEW}, active="2026").encrypt(b"x", b"a")
    with pytest.raises(CipherError, match="'2026'"):
        Cipher({"2025": OLD}, active="2025").decrypt(box, b"a")


@pytest.mark.parametrize("part", ["nonce", "box", "place"])
def test_what_was_tampered_with_does_not_open(part: str) -> None:
    cipher = Cipher({"2025": OLD}, active="2025")
    good = cipher.encrypt(b"secret", b"person/1")
    nonce = bytes([good.nonce[0] ^ 1]) + good.nonce[1:] if part == "nonce" else good.nonce
    box = bytes([good.box[0] ^ 1]) + good.box[1:] if part == "box" else good.box
    with pytest.raises(CipherError, match="does not open"):
        cipher.decrypt(Box("2025", nonce, box), b"person/2" if part == "place" else b"person/1")


@pytest.mark.parametrize("nonce", [b"", b"x" * 200])
def test_a_nonce_of_wrong_length_does_not_open(nonce: bytes) -> None:
    with pytest.raises(CipherError, match="does not open"):
        Cipher({"2025": OLD}, active="2025").decrypt(Box("2025", nonce, b"x" * 20), b"")


@pytest.mark.parametrize(
    "value", [b"", b"{}", b"[]", b'{"kid":"a","nonce":1,"box":""}', b'{"kid":"a","nonce":"?","box":""}']
)
def test_what_is_no_box_is_refused(value: bytes) -> None:
    with pytest.raises(CipherError, match=r"is not .kid, nonce, box."):
        Box.from_json(value)


class TestSetting:
    def test_the_first_key_is_the_active_one(self) -> None:
        setting = ",".join(f"{kid}:{base64.b64encode(key).decode()}" for kid, key in (("b", NEW), ("a", OLD)))
        cipher = Cipher.from_setting(setting)
        assert cipher.active == "b"
        assert cipher.decrypt(Cipher({"a": OLD}, active="a").encrypt(b"x", b""), b"") == b"x"

    @pytest.mark.parametrize(
        ("setting", "told"),
        [("", "entry 1"), ("a", "entry 1"), ("a:!", "'a' is not base64"), ("a:YWFh", "3 bytes instead of 32")],
    )
    def test_a_faulty_setting_is_named_without_the_key(self, setting: str, told: str) -> None:
        with pytest.raises(CipherError, match=told) as error:
            Cipher.from_setting(setting)
        assert "YWFh" not in str(error.value)

    def test_the_active_key_must_be_known(self) -> None:
        with pytest.raises(CipherError, match="active key 'z'"):
            Cipher({"a": OLD}, active="z")
