"""Keys: each person's secrets under a key of their own, wrapped by a master key kept apart.

Destroying a person's key erases the person (SQLite's secure_delete left everything readable,
TRUST.md M20). Equality of phones and ID numbers is found by a keyed HMAC, the blind index. Subkeys
are derived, one for each use.
"""

import contextlib
import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


class KeyFileMissing(Exception):
    """The master key is not where it should be, and there are identities that need it: ``path``."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class KeyFileInvalid(Exception):
    """The master key file holds no key, or others may read it: ``path``, ``problem``."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path, self.problem = path, problem


class WrongKey(Exception):
    """A stored value does not open under this master key, was changed, or belongs elsewhere."""


class Erased(Exception):
    """The person's key was destroyed: nothing about them can be read any more."""


class Vault:
    """Encrypts and finds again, with one master key.

    Never shows a key, not even in its ``repr``.
    """

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise ValueError("the master key must be 32 bytes")
        self._wrapping, self._drafts = self._derive(master, "wrap"), self._derive(master, "draft")
        self._codes, self._master = self._derive(master, "codes"), master

    @staticmethod
    def _derive(master: bytes, use: str) -> bytes:
        return hmac.digest(master, f"busreport/{use}".encode(), sha256)

    @classmethod
    def open(cls, key_file: Path) -> Self:
        """Read the master key. Raises KeyFileMissing, KeyFileInvalid."""
        try:
            text = key_file.read_text(encoding="ascii").strip()
            mode = key_file.stat().st_mode
        except FileNotFoundError as problem:
            raise KeyFileMissing(key_file) from problem
        except UnicodeDecodeError as problem:
            raise KeyFileInvalid(key_file, "is not text") from problem
        if mode & 0o077:
            raise KeyFileInvalid(key_file, "may be read by others: chmod 600")
        try:
            return cls(bytes.fromhex(text))
        except ValueError as problem:
            raise KeyFileInvalid(key_file, "holds no key") from problem

    @classmethod
    def create(cls, key_file: Path) -> Self:
        """Make a master key and open it; when another process was faster, open that one."""
        key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        aside = key_file.with_name(f".{key_file.name}.{secrets.token_hex(4)}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, secrets.token_hex(KEY_BYTES).encode() + b"\n")
            os.fsync(descriptor)
            with contextlib.suppress(FileExistsError):
                os.link(aside, key_file)  # appears whole, and never replaces a key
        finally:
            os.close(descriptor)
            aside.unlink()
        folder = os.open(key_file.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        return cls.open(key_file)

    def new_wrapped_key(self, owner: str) -> bytes:
        """A fresh key for the person ``owner``, wrapped: only this goes into the database."""
        return _seal(self._wrapping, AESGCM.generate_key(bit_length=256), owner)

    def encrypt(self, wrapped_key: bytes | None, text: str, place: str) -> bytes:
        """``text`` under a person's key.

        ``place`` (``persons/<id>/name``) binds the value to its column and row.
        """
        return _seal(self._unwrap(wrapped_key, place), text.encode(), place)

    def decrypt(self, wrapped_key: bytes | None, sealed: bytes, place: str) -> str:
        """The inverse of ``encrypt``. Raises Erased, WrongKey."""
        return _unseal(self._unwrap(wrapped_key, place), sealed, place).decode()

    def _unwrap(self, wrapped_key: bytes | None, place: str) -> bytes:
        if wrapped_key is None:
            raise Erased(place)
        return _unseal(self._wrapping, wrapped_key, place.split("/")[1])

    def seal_draft(self, text: str, place: str) -> bytes:
        """What a reporter typed before submitting, under the master key itself.

        There is no person yet.
        """
        return _seal(self._drafts, text.encode(), place)

    def open_draft(self, sealed: bytes, place: str) -> str:
        """The inverse of ``seal_draft``. Raises WrongKey."""
        return _unseal(self._drafts, sealed, place).decode()

    def seal_for_session(self, text: str, token: str) -> bytes:
        """What only the browser that holds ``token`` is shown again.

        The database keeps a hash of the token alone, so that neither it nor the master key opens
        the text by itself.
        """
        return _seal(self._session_key(token), text.encode(), "session")

    def open_for_session(self, sealed: bytes, token: str) -> str:
        """The inverse of ``seal_for_session``. Raises WrongKey."""
        return _unseal(self._session_key(token), sealed, "session").decode()

    def _session_key(self, token: str) -> bytes:
        return hmac.digest(self._derive(self._master, "sessions"), token.encode(), sha256)

    def index(self, kind: str, value: str) -> str:
        """The blind index of ``value``.

        Equal values of one ``kind`` (``phone``, ``id``) have equal indexes.
        """
        return hmac.new(
            self._derive(self._master, f"index/{kind}"), value.encode(), sha256
        ).hexdigest()

    def code_hash(self, report_id: str, code: str) -> str:
        """What is kept of a secret code.

        An HMAC, not a slow hash: a code is 16 random digits (53 bits) and the key is not in the
        database, so whoever steals the database alone cannot even begin to guess; with the key too,
        slowness would buy little.
        """
        return hmac.new(self._codes, f"{report_id}:{code}".encode(), sha256).hexdigest()

    @staticmethod
    def equal(given: str, kept: str) -> bool:
        """Compare two hashes in a time that says nothing of where they differ."""
        return hmac.compare_digest(given.encode(), kept.encode())


def _seal(key: bytes, content: bytes, place: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, content, place.encode())


def _unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError) as problem:
        raise WrongKey(place) from problem
