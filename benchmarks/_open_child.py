"""The decoder's child without a layer of its cell.

``benchmarks.containment`` compares the product's child with it.
"""

from verifiers.media import child

if __name__ == "__main__":
    child.main(layers=frozenset())
