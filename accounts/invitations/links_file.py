"""The links of new invitations as a CSV file that a spreadsheet opens."""

import csv
import io
from collections.abc import Sequence

from accounts.invitations.services import NewLink

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")  # with these a spreadsheet takes a cell for a formula (OWASP)
HEADER = ("username", "email", "first name", "last name", "link", "valid until")


def links_csv(links: Sequence[NewLink], *, page: str) -> str:
    """With a byte order mark, by which Excel knows UTF-8."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, quoting=csv.QUOTE_ALL)
    writer.writerow(HEADER)
    for link in links:
        invited = link.invitation
        names = (invited.username, invited.email, invited.first_name, invited.last_name)
        writer.writerow(map(_plain, (*names, link.url(page), f"{invited.expires_at:%Y-%m-%d %H:%M UTC}")))
    return "\ufeff" + target.getvalue()


def _plain(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA_SIGNS) else value
