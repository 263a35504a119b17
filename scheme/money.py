"""Money in integer fen (1 yuan = 100 fen). No float ever holds money here."""

from typing import NewType

Fen = NewType("Fen", int)


def share_evenly(total: Fen, heads: int) -> tuple[Fen, ...]:
    """Split ``total`` among ``heads`` people.

    The fen that do not divide go one each to the first named (R12).

    The parts always sum to the whole. Raises ValueError for a negative total or fewer than one
    head.
    """
    if total < 0 or heads < 1:
        raise ValueError(f"cannot share {total} fen among {heads} people")
    each, left_over = divmod(total, heads)
    return tuple(Fen(each + (position < left_over)) for position in range(heads))


def yuan(amount: Fen) -> str:
    """``5000`` -> ``"50.00"``: the only place where fen become a decimal text."""
    sign, absolute = ("-", -amount) if amount < 0 else ("", amount)
    return f"{sign}{absolute // 100}.{absolute % 100:02d}"
