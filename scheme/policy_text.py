"""Policy files read strictly, each wrong entry refused by its path.

And what their rules hash to.
"""

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from hashlib import sha256
from typing import Any, TypeVar

T = TypeVar("T")
NO_RULES = ("version", "title", "effective_to")


class PolicyError(Exception):
    """A policy text that cannot be used: ``path`` names the entry."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path, self.problem = path, problem


class Table:
    """A TOML table read strictly.

    A missing, mistyped or left-over entry is a PolicyError that names its path.
    """

    def __init__(self, path: str, entries: Mapping[str, Any]) -> None:
        self.path, self.entries = path, dict(entries)

    def take(self, key: str, kind: type[T], default: T | None = None) -> T:
        """The entry, which must be of ``kind``."""
        value = self.entries.pop(key, default)
        if value is None:
            raise PolicyError(f"{self.path}.{key}", "is missing")
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise PolicyError(f"{self.path}.{key}", f"must be {kind.__name__}, is {value!r}")
        return value

    def take_count(self, key: str) -> int:
        """A number that is not negative."""
        value = self.take(key, int)
        if value < 0:
            raise PolicyError(f"{self.path}.{key}", "must not be negative")
        return value

    def take_positive(self, key: str) -> int:
        """A number that is at least 1."""
        value = self.take_count(key)
        if value == 0:
            raise PolicyError(f"{self.path}.{key}", "must be at least 1")
        return value

    def take_list_of(self, key: str, *known: object) -> list[Any]:
        """A list, not empty, of values that are known."""
        values = self.take(key, list)
        if not values or any(isinstance(value, bool) or value not in known for value in values):
            raise PolicyError(
                f"{self.path}.{key}",
                f"must list some of {', '.join(map(str, known))}, is {values!r}",
            )
        return values

    def take_optional_count(self, key: str) -> int | None:
        """A number that a file may leave out: then there is no such rule.

        Entries that join later are of this kind.

        An older text lacks them, and has to be read for as long as a case was judged by it.
        """
        return self.take_positive(key) if key in self.entries else None

    def take_texts(self, key: str) -> list[str]:
        """A list of texts, empty where the file leaves it out."""
        values = self.take(key, list, default=[])
        if not all(isinstance(value, str) and value for value in values):
            raise PolicyError(f"{self.path}.{key}", f"must be a list of texts, is {values!r}")
        return values

    def take_share(self, key: str) -> float:
        """A number between 0 and 1."""
        value = self.take(key, float)
        if not 0 <= value <= 1:
            raise PolicyError(f"{self.path}.{key}", f"must lie between 0 and 1, is {value!r}")
        return value

    def take_one_of(self, key: str, *known: str) -> str:
        """One of the texts that the product knows."""
        value = self.take(key, str)
        if value not in known:
            raise PolicyError(
                f"{self.path}.{key}", f"must be one of {', '.join(known)}, is {value!r}"
            )
        return value

    def take_names(self, key: str) -> Mapping[str, str]:
        """A text in Chinese, in English, and in any other language that the file has it in."""
        names = self.take(key, dict)
        for language in ("zh", "en"):
            if language not in names:
                raise PolicyError(f"{self.path}.{key}.{language}", "is missing")
        for language, name in names.items():
            if not isinstance(name, str):
                raise PolicyError(f"{self.path}.{key}.{language}", f"must be str, is {name!r}")
        return names

    def table(self, key: str) -> "Table":
        """The table inside."""
        return Table(f"{self.path}.{key}", self.take(key, dict))

    def tables(self) -> Iterator[tuple[str, "Table"]]:
        """Every table inside, by its key."""
        for key in list(self.entries):
            yield key, self.table(key)

    def finish(self) -> None:
        """Refuse what nobody has taken: an entry that the product would not read."""
        if self.entries:
            raise PolicyError(f"{self.path}.{next(iter(self.entries))}", "is not known")


def rules_hash(text: str) -> str:
    """What a policy's rules hash to.

    Everything in the text but how it is called, when it ends, and how it is laid out.

    The beginning belongs to the rules (R1 refuses by it); the end does not, because a later policy
    sets it.
    """
    rules = {key: value for key, value in tomllib.loads(text).items() if key not in NO_RULES}
    canonical = json.dumps(
        rules, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_as_text
    )
    return sha256(canonical.encode()).hexdigest()


def _as_text(value: date | time) -> str:
    """One text for one instant, however the file writes it."""
    instant = value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value
    return instant.isoformat()
