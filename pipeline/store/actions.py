"""What can stand in the audit log: every action by its name, and what it says happened.

The names are stored and hashed for ever: one that nothing writes any more stays here.
An action tells what happened and rules nothing: whatever a stage must know is a column.
"""

from enum import StrEnum
from typing import Self


class Action(StrEnum):
    """One kind of event. ``meaning`` says for whoever reads the log what it stands for."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Self:
        """Keep the meaning beside the name."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    # -- reports: receiving
    DRAFT_OPENED = "draft_opened", "somebody began a report"
    CLAIM_SAVED = "claim_saved", "what is said about the violation was saved in a draft"
    REPORTERS_SAVED = "reporters_saved", "who reports was saved in a draft"
    FILE_ADDED = "file_added", "a file was stored with a draft or a report"
    FILE_REMOVED = "file_removed", "a file was taken out of a draft"
    DRAFT_EXPIRED = "draft_expired", "nobody submitted the draft in time"
    EVIDENCE_REMOVED = "evidence_removed", "a file that nobody refers to any more was deleted"
    RECEIVED = "received", "the report was submitted and got its number"
    RECEIPT_TOLD_AGAIN = "receipt_told_again", "whoever submitted saw the receipt once more"
    OTHER_NAME_FOR_PHONE = "other_name_for_phone", "a known number was given with another name"
    WALK_IN_REGISTERED = "walk_in_registered", "staff registered what a walk-in brought"
    LETTER_REGISTERED = "letter_registered", "staff registered a letter"
    WITHDRAWN = "withdrawn", "the reporter took the report back"

    # -- reports: verifying
    VERIFIED = "verified", "the files were read and the report judged"
    RECHECKED = "rechecked", "the report was judged again on what had been read"
    REREAD = "reread", "a newer reader changed what the checks say"

    # -- reports: deciding
    REPORT_DECIDED = "report_decided", "an officer decided the report"
    DECISION_UNDONE = "decision_undone", "the officer took the decision back before anybody heard"
    DECISION_SET_ASIDE = "decision_set_aside", "the reporter changed a report nobody had answered"
    REPORT_REOPENED = "report_reopened", "an officer opened an answered report for a new decision"
    CLAIM_CORRECTED = "claim_corrected", "an officer put another version of the claim in force"
    REPORTER_ASKED = "reporter_asked", "an officer asked the reporter for more"
    REPORTER_TOLD_WHY = "reporter_told_why", "the reporter was told why there is no result yet"
    FILES_TIED = "files_tied", "an officer said that the files show one bus"
    REPORT_EXCLUDED = "report_excluded", "an officer took the report out of the line"
    REPORT_READMITTED = "report_readmitted", "an officer put the report back in line"
    HOLD_RELEASED = "hold_released", "a report that somebody held was handed back"
    CANDIDATE_ANSWERED = "candidate_answered", "an officer answered whether two are one incident"
    CASE_MERGED = "case_merged", "two cases became one"
    CASE_SPLIT = "case_split", "a report got a case of its own"
    DAY_LOOKED_THROUGH = "day_looked_through", "a day was looked through for what stands out"
    SECOND_LOOK_ANSWERED = "second_look_answered", "somebody else looked again"

    # -- reports: dates that no calendar gave
    ANSWER_DATE_FILLED_IN = "answer_date_filled_in", "the calendar came and gave the answer's day"
    LAST_DAY_FILLED_IN = "last_day_filled_in", "the calendar came and gave the last day to collect"
    RULING_PROPOSED = "ruling_proposed", "one person proposed what no calendar says"
    RULING_CONFIRMED = "ruling_confirmed", "a second person confirmed it"
    RULING_REFUSED = "ruling_refused", "a second person refused it"
    RULING_ANSWERED = "ruling_answered", "the calendar came before it was confirmed"

    # -- notices
    NOTICE_SENT = "notice_sent", "a message left"
    NOTICE_NOT_SENDABLE = "notice_not_sendable", "nothing of ours can reach the reader"
    NOTICE_UNDELIVERABLE = "notice_undeliverable", "a message was tried often enough"
    NOTICES_READ = "notices_read", "the reporter opened the answer"
    NOTICE_RECEIVED = "notice_received", "the reporter has the notice of the reward"
    REPORTER_CALLED = "reporter_called", "somebody telephoned about a reward"
    REPORTER_TOLD = "reporter_told", "somebody told the reporter by telephone"

    # -- money
    REWARD_AWARDED = "reward_awarded", "the case pays, and whom"
    REWARD_REVIVED = "reward_revived", "a reward counts again"
    REWARD_CANCELLED = "reward_cancelled", "a reward counts no more"
    REWARD_COLLECTED = "reward_collected", "a reward was collected against a document"
    DOCUMENT_DIFFERED = "document_differed", "a document did not agree; nothing was handed out"
    CARD_CORRECTED = "card_corrected", "the account of a collected reward was corrected"
    PAID_ON_THE_SPOT = "paid_on_the_spot", "a clerk paid what was verified at the counter"
    PAYMENT_HELD = "payment_held", "a payment waits for a second person"
    CLAW_BACK_DUE = "claw_back_due", "a paid reward is not due any more"
    SHARE_CLAWED_BACK = "share_clawed_back", "a share is to be given back"
    SHARE_FORFEITED = "share_forfeited", "a share was not collected in time"
    SHARE_REINSTATED = "share_reinstated", "a forfeited share is owed again"
    BATCH_BUILT = "batch_built", "a payout batch took its lines"
    BATCH_FROZEN = "batch_frozen", "its lines and payees were fixed"
    BATCH_APPROVED = "batch_approved", "a second person approved it"
    BATCH_EXPORTED = "batch_exported", "its list left"
    BATCH_ANSWERED = "batch_answered", "the bank answered some of its lines"
    BATCH_SETTLED = "batch_settled", "the bank answered the last of its lines"
    LIST_MAPPING_CONFIRMED = "list_mapping_confirmed", "somebody said how a bank's list reads"
    BATCH_CLOSED = "batch_closed", "it is done"
    BATCH_CANCELLED = "batch_cancelled", "its lines went back"
    FUND_DEPOSITED = "fund_deposited", "money came into the fund"
    CARDS_STOCKED = "cards_stocked", "prepaid cards came into stock"
    TRANSFER_POSTED = "transfer_posted", "a transfer stands in the ledger"
    LEDGER_CARRIED_OVER = "ledger_carried_over", "the transfers from before each was on record"

    # -- who reporters are
    IDENTITY_OPENED = "identity_opened", "somebody looked who reported"
    IDENTITY_QUESTION_ASKED = "identity_question_asked", "one person asked who somebody is"
    IDENTITY_QUESTION_ANSWERED = "identity_question_answered", "another person answered"
    CODE_REPLACED = "code_replaced", "a new secret code was handed out"
    CODE_NOT_REPLACED = "code_not_replaced", "a new secret code was refused"

    # -- who works here, and what they load
    ACCOUNT_OPENED = "account_opened", "a log-in was made"
    ACCOUNT_CLOSED = "account_closed", "a log-in was closed"
    ACCOUNT_UNLOCKED = "account_unlocked", "a locked log-in was unlocked"
    PASSWORD_CHANGED = "password_changed", "a pass word was set anew"
    ROLE_CHANGED = "role_changed", "somebody got another role"
    LOGGED_IN = "logged_in", "somebody logged in"
    LOGGED_OUT = "logged_out", "somebody logged out"
    ROSTER_IMPORTED = "roster_imported", "a fleet roster was loaded"
    CALENDAR_LOADED = "calendar_loaded", "a year's holidays were loaded"
