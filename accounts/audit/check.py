"""Verifies the audit log: every entry against its seal, every seal against the one before it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from accounts.audit import chain
from accounts.audit.log import AUDIT, EXPIRED, REMOVED, UNNAMED
from accounts.audit.models import AuditHead, AuditSeal, DataAccess

CHUNK = 1000


@dataclass
class Result:
    """problems: in words, empty if the log is as it was written. newest: (number, digest) of the last seal."""

    entries: int = 0
    newest: tuple[int, str] = (0, "")
    problems: list[str] = field(default_factory=list)


@dataclass
class _Explained:
    """What entries say about others that are gone: each number, and the number of the entry that says so."""

    removed: dict[int, int] = field(default_factory=dict)
    unnamed: dict[int, int] = field(default_factory=dict)
    expired_to: int = 0

    def read(self, entry: DataAccess) -> None:
        if entry.what != AUDIT or entry.user_id is not None:
            return
        if entry.detail.startswith(REMOVED):
            self.removed |= dict.fromkeys(chain.numbers_in(entry.detail.removeprefix(REMOVED)), entry.pk)
        elif entry.detail.startswith(UNNAMED):
            self.unnamed |= dict.fromkeys(chain.numbers_in(entry.detail.removeprefix(UNNAMED)), entry.pk)
        elif entry.detail.startswith(EXPIRED):
            self.expired_to = max(self.expired_to, int(entry.detail.removeprefix(EXPIRED)))


def audit_check(*, since: int = 0, known: tuple[int, str] | None = None) -> Result:
    """Check the seals from the number `since` on. known: number and digest of a seal that somebody noted earlier."""
    result, explained = Result(), _Explained()
    missing: list[int] = []
    unnamed: list[int] = []
    seen = known is None
    last: AuditSeal | None = None
    for seal, entry in _sealed(since):
        if problem := _seal_problem(seal, last, since):
            result.problems.append(problem)
        last = seal
        seen = seen or (seal.number, seal.digest) == known
        if entry is None:
            missing.append(seal.number)
            continue
        result.entries += 1
        if entry.content() != seal.content:
            result.problems.append(f"Entry {entry.pk} is not what was sealed: it was changed.")
            continue
        explained.read(entry)
        if not entry.names_its_actor():
            unnamed.append(entry.pk)
    result.newest = (last.number, last.digest) if last else (0, "")
    result.problems += [*_gaps(missing, unnamed, explained), *_ends(result.newest, explained, since)]
    if not seen and known and known[0] > explained.expired_to:
        result.problems.append(f"Seal {known[0]} is not the one that was noted: the log was written anew.")
    return result


def _sealed(since: int) -> Iterator[tuple[AuditSeal, DataAccess | None]]:
    """Each seal with its entry; None if that is gone."""
    last = since - 1
    while seals := list(AuditSeal.objects.filter(number__gt=last).order_by("number")[:CHUNK]):
        last = seals[-1].number
        entries = DataAccess.objects.in_bulk([seal.number for seal in seals])
        for seal in seals:
            yield seal, entries.get(seal.number)


def _seal_problem(seal: AuditSeal, before: AuditSeal | None, since: int) -> str | None:
    if seal.key_id != chain.key_id():
        return f"Seal {seal.number} was made with another SECRET_KEY: set that one, or begin after it with --since."
    if before is None:
        return None  # whether the log may begin there is seen in _ends
    if not _follows(seal, before.digest):
        return f"Seal {seal.number} does not follow from the one before it: something was changed or taken out."
    return None


def _follows(seal: AuditSeal, before: str) -> bool:
    expected = chain.seal_digest(before=before, number=seal.number, content=seal.content)
    return chain.is_same(expected, seal.digest)


def _gaps(missing: list[int], unnamed: list[int], explained: _Explained) -> Iterator[str]:
    for number in missing:
        if number > explained.expired_to and explained.removed.get(number, 0) <= number:
            yield f"Entry {number} is gone, and no erasure explains it."
    for number in unnamed:
        entry = DataAccess.objects.get(pk=number)
        if entry.staff_id or entry.address or explained.unnamed.get(number, 0) <= number:
            yield f"Who did what entry {number} says was changed."


def _ends(newest: tuple[int, str], explained: _Explained, since: int) -> Iterator[str]:
    first = AuditSeal.objects.order_by("number").first()
    is_cut = first is not None and first.number > explained.expired_to and not _follows(first, "")
    if first is not None and is_cut and not since and first.key_id == chain.key_id():
        yield f"The log begins with seal {first.number}; what came before is gone, and was not too old."
    head = AuditHead.objects.filter(pk=1).values_list("number", "digest").first() or (0, "")
    if head[1] != newest[1]:
        yield f"The newest seal was number {head[0]}, and {newest[0]} is the last one there."
    stray = DataAccess.objects.filter(pk__gte=max(since, first.number if first else 0)).exclude(
        pk__in=AuditSeal.objects.values_list("number", flat=True)
    )
    for number in stray.order_by("pk").values_list("pk", flat=True)[:CHUNK]:
        yield f"Entry {number} has no seal: it was not written by this release."
