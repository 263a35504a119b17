"""Limits before anything is parsed: TRUST.md section 6 E."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import limits
from api.limits import body_limit, strict_json
from api.texts import Texts
from api.turned_away import BadJson
from pipeline.languages import LANGUAGES
from pipeline.paying import returned_lists
from pipeline.receiving.incoming import MOST_FILES
from verifiers.media import formats


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'{"name": "a\\u0000b"}', "character"),  # E65 NUL
        (b'{"name": "\\ud800"}', "character"),  # E66 lone surrogate
        (b'{"\\ud800": 1}', "character"),
        (b'{"name": "\xff"}', "character"),
        (b'{"km": 9999999999999999999}', "number"),  # E67
        (b'{"km": ' + b"9" * 5000 + b"}", "number"),
        (b'{"km": NaN}', "number"),  # E68
        (b'{"km": 1e400}', "number"),
        (b'{"km": -Infinity}', "number"),
        (b'{"name": "a", "name": "b"}', "duplicate_key"),  # E70
        (b'{"a": {"b": 1, "b": 2}}', "duplicate_key"),
        (b"[" * 100_000, "depth"),  # E71
        (b'{"a":' * 21 + b"1" + b"}" * 21, "depth"),
        (b'{"a": ', "syntax"),
        (b"{'a': 1}", "syntax"),
    ],
)
def test_json_that_is_not_safe_is_refused(body: bytes, problem: str) -> None:
    with pytest.raises(BadJson) as refused:
        strict_json(body)
    assert refused.value.problem == problem


def test_the_key_at_fault_is_named_and_never_its_value() -> None:
    with pytest.raises(BadJson) as refused:
        strict_json(b'{"reporters": [{"name": "secret\\u0000"}]}')
    assert refused.value.field == "reporters.0.name"
    assert "secret" not in str(refused.value)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False, width=32)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs", "Cc"])), inner)
    ),
    max_leaves=15,
)


@given(JSON)
def test_every_other_json_is_read_as_ever(value: object) -> None:
    text = json.dumps(value)
    if text.count("[") + text.count("{") <= limits.JSON_MAX_DEPTH:
        assert strict_json(text.encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_json_or_a_named_refusal(body: bytes) -> None:
    with contextlib.suppress(BadJson):  # whatever else comes out fails the test
        strict_json(body)


def test_brackets_in_texts_do_not_count_as_depth() -> None:
    assert strict_json(json.dumps({"note": "[" * 500 + '\\"' + "{"}).encode())["note"].startswith(
        "[[["
    )


def test_how_much_may_come_where() -> None:
    form, multipart = "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"
    assert body_limit("/r/abc/files", multipart) == limits.UPLOAD_MAX_BYTES
    assert body_limit("/fin/batches/1/result", multipart) == limits.LIST_MAX_BYTES
    assert body_limit("/r/abc/files", form) == limits.FORM_MAX_BYTES
    assert body_limit("/api/v1/session", "application/json") == limits.JSON_MAX_BYTES


def test_what_the_page_tells_beforehand_is_what_is_enforced() -> None:
    assert limits.PHOTO_MAX_BYTES == formats.PHOTO_BYTES
    assert limits.VIDEO_MAX_BYTES == formats.VIDEO_BYTES
    assert limits.MOST_FILES == MOST_FILES
    assert limits.VIDEO_MAX_MINUTES * 60_000 == formats.VIDEO_DURATION_MS


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_list_too_large_is_told_is_what_is_enforced(language: str) -> None:
    told = Texts(language).t("error.LIST_UNREADABLE.too_large")
    assert f"{returned_lists.LIMITS.file_bytes // 10**6} MB" in told
