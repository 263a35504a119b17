"""Finance's pages: balances that tie, the fund, payout batches.

Never evidence; payees masked until the export.
"""
