"""Keys: created once and apart, never shown; values bound to person and column.

A destroyed key erases.
"""

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.runtime import Runtime
from pipeline.settings import Settings
from pipeline.store import documents, identities, identity_changes
from pipeline.store.vault import Erased, KeyFileInvalid, KeyFileMissing, Vault, WrongKey
from rewards.documents import Document, DocumentKind
from scheme.reporter import Identity
from scheme.who_is_who import DocumentOfAnother

MASTER = bytes(range(32))
SHOWN = Document(DocumentKind.RESIDENT_ID, "310101199001011234")


def test_the_key_file_is_private_and_outside_the_home(settings: Settings) -> None:
    assert settings.key_file.stat().st_mode & 0o777 == 0o600
    assert settings.key_file.parent.stat().st_mode & 0o777 == 0o700
    assert settings.home not in settings.key_file.parents


def test_a_key_that_others_may_read_is_refused(settings: Settings) -> None:
    settings.key_file.chmod(0o644)
    with pytest.raises(KeyFileInvalid):
        Runtime.open(settings)


@pytest.mark.parametrize("content", ["", "no key", "ab" * 31, "钥匙"])
def test_what_is_no_key_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "master.key"
    file.write_text(content, encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(KeyFileInvalid):
        Vault.open(file)


def test_many_processes_starting_at_once_make_one_key(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "master.key"
    indexes: list[str] = []
    threads = [
        threading.Thread(
            target=lambda: indexes.append(Vault.create(file).index("phone", "13800138000"))
        )
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(indexes) == 8
    assert len(set(indexes)) == 1
    assert [path.name for path in file.parent.iterdir()] == ["master.key"]


def test_a_lost_key_is_never_replaced_while_there_are_identities(
    runtime: Runtime, settings: Settings
) -> None:
    with runtime.write() as work:
        identities.remember(
            work.connection, work.vault, Identity("王小明", "13800138000"), work.now
        )
    settings.key_file.unlink()
    with pytest.raises(KeyFileMissing):
        Runtime.open(settings)
    assert not settings.key_file.exists()


@given(st.text(max_size=200))
def test_what_is_sealed_opens_again_and_nowhere_else(text: str) -> None:
    vault = Vault(MASTER)
    text = text.encode("utf-8", "replace").decode()
    key = vault.new_wrapped_key("anna")
    sealed = vault.encrypt(key, text, "persons/anna/name")
    assert vault.decrypt(key, sealed, "persons/anna/name") == text
    for wrong in ("persons/anna/phone", "persons/bert/name"):
        with pytest.raises(WrongKey):
            vault.decrypt(key, sealed, wrong)
    with pytest.raises(WrongKey):
        Vault(bytes(32)).decrypt(key, sealed, "persons/anna/name")
    with pytest.raises(WrongKey):
        vault.decrypt(key, sealed[:-1] + bytes([sealed[-1] ^ 1]), "persons/anna/name")


def test_equal_values_are_sealed_differently_but_found_alike() -> None:
    vault = Vault(MASTER)
    key = vault.new_wrapped_key("anna")
    assert vault.encrypt(key, "王", "persons/anna/name") != vault.encrypt(
        key, "王", "persons/anna/name"
    )
    assert vault.index("phone", "1") == vault.index("phone", "1") != vault.index("id", "1")
    assert vault.index("phone", "1") != Vault(bytes(32)).index("phone", "1")


def test_a_destroyed_key_erases_and_the_number_can_come_back(runtime: Runtime) -> None:
    with runtime.write() as work:
        person = Identity("王小明", "13800138000", "wang@example.org")
        person_id = identities.remember(work.connection, work.vault, person, work.now).person_id
        documents.add(work.connection, work.vault, person_id, SHOWN, "王小明", work.now)
        assert [
            one.number for one in documents.of_persons(work.connection, work.vault, [person_id])
        ] == [SHOWN.number]
        documents.forget(work.connection, person_id)
        identity_changes.erase(work.connection, person_id, work.now)
        with pytest.raises(Erased):
            identities.identity(work.connection, work.vault, person_id)
        again = identities.remember(work.connection, work.vault, person, work.now)
        assert again.person_id != person_id
        documents.add(work.connection, work.vault, again.person_id, SHOWN, "王小明", work.now)


def test_one_id_number_is_one_person(runtime: Runtime) -> None:
    with runtime.write() as work:
        one, other = (
            identities.remember(
                work.connection, work.vault, Identity("王", phone), work.now
            ).person_id
            for phone in ("13800138000", "13800138001")
        )
        documents.add(work.connection, work.vault, one, SHOWN, "王", work.now)
        with pytest.raises(DocumentOfAnother) as told:
            documents.add(work.connection, work.vault, other, SHOWN, "王", work.now)
    assert told.value.person_id == one
