"""Lists the benchmarks: ``python -m benchmarks``."""

import ast
import pkgutil
from pathlib import Path

_NOT_BENCHMARKS = frozenset({"__main__", "measure"})


def main() -> None:
    """Print each benchmark with the first line of its docstring, without importing it."""
    here = Path(__file__).parent
    for module in sorted(pkgutil.iter_modules([str(here)]), key=lambda found: found.name):
        if module.name in _NOT_BENCHMARKS or module.name.startswith("_"):
            continue
        source = here / f"{module.name}.py"
        text = ast.get_docstring(ast.parse(source.read_text("utf-8"))) if source.is_file() else None
        print(f"python -m benchmarks.{module.name:<14} {(text or '').partition(chr(10))[0]}")


if __name__ == "__main__":
    main()
