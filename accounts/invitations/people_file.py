"""A file of people to invite, as spreadsheets save it: CSV with a header, in any of their encodings and separators."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.invitations.models import MAX_NAME, Invitation, State
from accounts.invitations.services import Person
from accounts.models import User
from accounts.typed import UsernameValidator

MAX_BYTES = 256 * 1024
MAX_LINES = 1000
BATCH = 200  # of names in one query: SQLite takes 250 000 variables, MySQL's packets are smaller
# Excel writes UTF-8 with a byte order mark, UTF-16 as "Unicode text", and in Korea its code page as "CSV".
ENCODINGS = ("utf-8-sig", "cp949")
COLUMNS = {
    **dict.fromkeys(["username", "user name", "user", "name", "아이디", "사용자 이름"], "username"),
    **dict.fromkeys(["email", "e-mail", "mail", "address", "e-mail address", "이메일", "이메일 주소", "메일"], "email"),
    **dict.fromkeys(["first name", "given name", "이름"], "first_name"),
    **dict.fromkeys(["last name", "family name", "surname", "성"], "last_name"),
    **dict.fromkeys(["language", "언어"], "language"),
}
LANGUAGES = {
    **{code: code for code, _name in settings.LANGUAGES},
    **dict.fromkeys(["ko", "korean", "한국어"], "ko-kr"),
    "english": "en",
    "영어": "en",
}
SEPARATORS = ";\t,"  # commas are the likeliest within a value, so they come last


class UnreadableFile(ValueError):
    """The file as a whole cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One person of a file; `problem` says why they cannot be invited, or is empty."""

    number: int
    person: Person
    problem: str = ""


def read_text(data: bytes) -> str:
    """The text of an uploaded file. Raises UnreadableFile."""
    _require_size(len(data))
    encodings = ["utf-16"] if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ENCODINGS
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(_("The file is no text. Save it as “CSV UTF-8” in your spreadsheet."))


def check_text(text: str) -> list[Line]:
    """All lines of a file's text, checked. Nothing is stored. Raises UnreadableFile."""
    _require_size(len(text))
    lines = list(_lines(text))
    if not lines:
        raise UnreadableFile(_("There is nobody in it. The first line names the columns: username, email, language."))
    return check_lines(lines)


def check_lines(lines: Sequence[Line]) -> list[Line]:
    """The lines, each with what stands against inviting its person. Raises UnreadableFile."""
    if len(lines) > MAX_LINES:
        raise UnreadableFile(_("More than %(limit)d people at once. Divide the list.") % {"limit": MAX_LINES})
    lines = [replace(line, problem=line.problem or _fault_of(line.person)) for line in lines]
    users, invited = _known(line.person for line in lines if not line.problem)
    seen: dict[str, int] = {}
    return [_compared(line, users, invited, seen) for line in lines]


def _require_size(size: int) -> None:
    if size > MAX_BYTES:
        raise UnreadableFile(_("The file is larger than %(limit)d KB. Divide it.") % {"limit": MAX_BYTES // 1024})


def _lines(text: str) -> Iterator[Line]:
    header, _newline, _rest = text.lstrip("\r\n").partition("\n")
    separator = next((sign for sign in SEPARATORS if sign in header), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(map(str.strip, row))]
    except csv.Error as error:
        raise UnreadableFile(_("Line %(line)d cannot be read as CSV.") % {"line": reader.line_num}) from error
    if not rows:
        return
    columns = _columns(rows[0][1])
    for number, cells in rows[1:]:
        surplus = any(cells[len(columns) :])
        problem = _("The line has more values than there are columns.") if surplus else ""
        yield Line(number, _person(dict(zip(columns, cells, strict=False))), problem)


def _columns(header: list[str]) -> list[str]:
    names = [COLUMNS.get(cell.lower().replace("_", " "), "") for cell in header]
    unknown = [cell for cell, name in zip(header, names, strict=True) if not name]
    if unknown:
        message = _("Unknown column: %(name)s. Known are: username, email, first name, last name, language.")
        raise UnreadableFile(message % {"name": unknown[0][:50] or "“”"})
    if len(set(names)) < len(names):
        raise UnreadableFile(_("Two columns have the same meaning."))
    if not {"username", "email"} & set(names):
        raise UnreadableFile(_("One column must be the username or the e-mail address."))
    return names


def _person(values: dict[str, str]) -> Person:
    email = values.get("email", "")
    language = values.get("language", "")
    return Person(
        username=User.normalize_username(values.get("username") or email),
        email=email,
        first_name=values.get("first_name", ""),
        last_name=values.get("last_name", ""),
        language=LANGUAGES.get(language.lower(), language),
    )


def _fault_of(person: Person) -> str:
    try:
        UsernameValidator()(person.username)
        if person.email:
            validate_email(person.email)
    except ValidationError as error:
        return str(error.messages[0])
    if max(map(len, (person.username, person.email, person.first_name, person.last_name))) > MAX_NAME:
        return _("A value is longer than %(limit)d characters.") % {"limit": MAX_NAME}
    if not (person.first_name + person.last_name).isprintable():
        return _("A name has characters that cannot be printed.")
    if person.language and person.language not in dict(settings.LANGUAGES):
        return _("Unknown language: %(language)s. Known are: en, ko.") % {"language": person.language[:30]}
    return ""


def _compared(line: Line, users: set[str], invited: set[str], seen: dict[str, int]) -> Line:
    """The line, checked against users, open invitations, and the lines before it."""
    if line.problem:
        return line
    names = {line.person.username.lower(), line.person.email.lower()} - {""}
    if earlier := next((seen[name] for name in names if name in seen), None):
        return replace(line, problem=_("The same person as in line %(line)d.") % {"line": earlier})
    seen |= dict.fromkeys(names, line.number)
    if names & users:
        return replace(line, problem=_("Has an account already."))
    if names & invited:
        return replace(line, problem=_("Is invited already. To send another link, choose them in the list."))
    return line


def _known(people: Iterator[Person]) -> tuple[set[str], set[str]]:
    """Of these people's names and addresses, in small letters: those of users, and those of open invitations."""
    typed = set(chain.from_iterable((person.username, person.email) for person in people)) - {""}
    names = sorted(typed | {name.lower() for name in typed})
    users: set[str] = set()
    invited: set[str] = set()
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]
        either = Q(username__in=batch) | Q(email__in=batch)
        users.update(chain.from_iterable(User.objects.filter(either).values_list("username", "email")))
        open_ones = Invitation.objects.in_state(State.OPEN).filter(either)
        invited.update(chain.from_iterable(open_ones.values_list("username", "email")))
    return {name.lower() for name in users} - {""}, {name.lower() for name in invited} - {""}
