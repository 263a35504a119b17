"""Every name has one home: a module exports what it defines, and nothing that it imports."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.test_module_length import ROOMS, ROOT


def handed_on(source: str) -> set[str]:
    """The names that a module imports and exports: by ``__all__``, or by ``import X as X``."""
    imported: set[str] = set()
    exported: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            imported |= {alias.asname or alias.name for alias in node.names}
            exported |= {alias.name for alias in node.names if alias.asname == alias.name}
        elif isinstance(node, ast.Assign) and "__all__" in map(ast.unparse, node.targets):
            exported |= set(ast.literal_eval(node.value))
    return imported & exported


def exports(root: Path) -> Iterator[tuple[str, set[str]]]:
    """Of every module that hands names on: its path, and the names."""
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            if names := handed_on(path.read_text(encoding="utf-8")):
                yield path.relative_to(root).as_posix(), names


def test_no_module_hands_on_what_another_one_defines() -> None:
    assert dict(exports(ROOT)) == {}


def test_both_ways_of_handing_on_are_seen() -> None:
    assert handed_on("from a import b\n__all__ = ['b', 'c']\nc = 1\n") == {"b"}
    assert handed_on("from a import b as b, c as d\n") == {"b"}
    assert handed_on("from a import b\nimport c\n__all__ = ['d']\nd = b, c\n") == set()
