"""From a received report to findings: read once, judge often. Decides nothing."""
