"""Every code that this API refuses a request with."""

from typing import Final

CODES: Final = (
    # the request itself
    "BAD_JSON",
    "BAD_REQUEST",
    "BODY_TOO_LARGE",
    "FIELD_INVALID",
    "FIELD_MISSING",
    "MALFORMED_BODY",
    "METHOD_NOT_ALLOWED",
    "NOT_FOUND",
    "UNEXPECTED",
    # drafts and files
    "ALREADY_SUBMITTED",
    "DRAFT_CHANGED",
    "DRAFT_EXPIRED",
    "DRAFT_NOT_FOUND",
    "EMPTY_FILE",
    "FILE_TOO_LARGE",
    "MEDIUM_NOT_ADMITTED",
    "SEND_AGAIN",
    "STORAGE_FULL",
    "TOO_MANY_FILES",
    "TYPE_MISMATCH",
    "TYPE_NOT_ALLOWED",
    # the claim and who reports
    "BADGE_INVALID",
    "BEFORE_SCHEME",
    "CATEGORY_UNKNOWN",
    "EMAIL_INVALID",
    "FUTURE_TIME",
    "JOINT_INVALID",
    "KIND_UNKNOWN",
    "NAME_REQUIRED",
    "PHONE_INVALID",
    "PHONE_REQUIRED",
    "PLACE_INVALID",
    "PLATE_INVALID",
    "ROUTE_INVALID",
    "TEXT_TOO_LONG",
    "TIME_INVALID",
    # submitting and following
    "CLAIM_INCOMPLETE",
    "CODE_WRONG",
    "CONSENT_REQUIRED",
    "FORBIDDEN_MOVE",
    "MISSING_IDENTIFIER",
    "NO_EVIDENCE",
    "REPORTER_SIGNED_OUT",
    "TRUTH_REQUIRED",
    "VIDEO_REQUIRED",
    "WAIT",
    # too much at a time
    "STORE_BUSY",
    "TOO_MANY",
    "TOO_MANY_UPLOADS",
    "TOO_SLOW",
)
"""Every code that this API answers a refused request with; a new one is a change of the API."""
