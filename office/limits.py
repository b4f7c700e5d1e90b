"""The limits of deploy/monitoring/prometheus-alerts.yml, as the overview shows them; a test compares both."""

SPOOL_SHARE = 0.5
ERASURE_LATE_S = 3600
DISK_MARKS = 4  # of the mark: a ticket; at the mark itself, a page
STAGE_P99_MS = 100
UNUSABLE_SHARE = 0.2
ERROR_SHARE = 0.01
WORKER_BYTES = 1_000_000_000
WRONG_SHARE = 0.2  # of the alarms of a kind
MIN_PEOPLE = 5  # below that, a sum says something about somebody
