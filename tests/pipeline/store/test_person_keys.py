"""R17: what is sealed for one person and one place opens there, and after erasure nowhere."""

import pytest

from pipeline.runtime import Runtime, Work
from pipeline.store import identities, identity_changes, joined, person_keys
from pipeline.store.person_keys import ERASED, RELEASED, NoSuchPerson
from pipeline.store.vault import Erased, WrongKey
from scheme.reporter import Identity
from scheme.who_is_who import NumberOfAnother

WANG, LI = Identity("王小明", "13800138000"), Identity("李雷", "13900139000")


def person(work: Work, identity: Identity) -> str:
    return identities.remember(work.connection, work.vault, identity, work.now).person_id


def test_a_sealed_text_opens_for_its_person_and_place_alone(runtime: Runtime) -> None:
    with runtime.write() as work:
        connection, vault = work.connection, work.vault
        wang, li = person(work, WANG), person(work, LI)
        sealed = person_keys.seal(connection, vault, wang, "汉口路1号", place="address")
        opened = person_keys.unseal(connection, vault, wang, sealed, place="address")
        assert opened == "汉口路1号"
        with pytest.raises(WrongKey):
            person_keys.unseal(connection, vault, wang, sealed, place="email")
        with pytest.raises(WrongKey):
            person_keys.unseal(connection, vault, li, sealed, place="address")
        with pytest.raises(NoSuchPerson):
            person_keys.seal(connection, vault, "nobody", "x", place="address")


def test_after_erasure_nothing_opens_and_the_number_is_free(runtime: Runtime) -> None:
    with runtime.write() as work:
        connection, vault = work.connection, work.vault
        wang = person(work, WANG)
        sealed = person_keys.seal(connection, vault, wang, "汉口路1号", place="address")
        identity_changes.erase(connection, wang, work.now)
        assert person_keys.number_state(connection, wang) == ERASED
        with pytest.raises(Erased):
            person_keys.unseal(connection, vault, wang, sealed, place="address")
        with pytest.raises(Erased):
            identities.identity(connection, vault, wang)
        assert identities.of_number(connection, vault, WANG.phone) is None
        assert identity_changes.erased_and_not_cleared(connection) == (wang,)
        identity_changes.mark_cleared(connection, [wang], work.now)
        assert identity_changes.erased_and_not_cleared(connection) == ()
        assert person(work, WANG) != wang


def test_a_number_goes_to_whoever_has_it_and_never_away_from_somebody_else(
    runtime: Runtime,
) -> None:
    with runtime.write() as work:
        connection, vault = work.connection, work.vault
        wang, li = person(work, WANG), person(work, LI)
        with pytest.raises(NumberOfAnother) as refusal:
            identity_changes.set_phone(connection, vault, wang, LI.phone)
        assert refusal.value.person_id == li
        identity_changes.set_phone(connection, vault, wang, "13700137000")
        assert identities.of_number(connection, vault, "13700137000") == wang
        assert identities.of_number(connection, vault, WANG.phone) is None
        assert identities.identity(connection, vault, wang).phone == "13700137000"
        identity_changes.release_phone(connection, wang)
        assert person_keys.number_state(connection, wang) == RELEASED
        assert identities.identity(connection, vault, wang).phone == ""


def test_who_is_known_by_two_numbers_is_reached_at_the_other_one(runtime: Runtime) -> None:
    with runtime.write() as work:
        connection, vault = work.connection, work.vault
        wang, second = person(work, WANG), person(work, Identity("王小明", "13700137000"))
        joined.join(connection, wang, second)
        identity_changes.set_phone(connection, vault, wang, "13700137000")
        assert person_keys.number_state(connection, wang) == RELEASED
        assert identities.of_number(connection, vault, "13700137000") == second
        assert identities.identity(connection, vault, wang).phone == "13700137000"
