"""Operations' pages: queue, case page, counter.

Officers see evidence and decide; identities stay closed.
"""
