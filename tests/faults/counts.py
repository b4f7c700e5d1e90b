"""Counts of the frames that clients posted: posted and archived frames are compared key by key."""

from collections import Counter
from dataclasses import dataclass

from tests.faults.clients import Post
from tests.faults.stage import ArchiveStage


@dataclass(frozen=True, slots=True)
class Counts:
    posted: int
    answered: int  # with status 200
    statuses: dict[int | None, int]  # of the others; None if no response came
    archived: int
    duplicated: int  # archived beyond the first time
    lost: int  # acknowledged, but neither archived nor counted as dropped
    unknown: int  # archived, but never posted
    refused: int  # set aside on disk as frames that can never be stored
    dropped: int  # because the disk had no room
    per_second: float
    slowest_ms: int

    def __str__(self) -> str:
        others = "".join(f", {count} with {status or 'no response'}" for status, count in self.statuses.items())
        return (
            f"{self.posted} posted ({self.per_second:.0f} a second), {self.answered} answered{others}, "
            f"{self.archived} archived, {self.duplicated} duplicated, {self.lost} lost, {self.dropped} dropped, "
            f"slowest response {self.slowest_ms} ms"
        )


def counts_of(stage: ArchiveStage, posts: list[Post]) -> Counts:
    """The counts of a finished run; frames archived by calls other than these posts are ignored."""
    archived = [frame for frame in stage.archived() if frame.key]
    keys = {frame.id for frame in archived}
    times = Counter((frame.user_id, frame.key) for frame in archived)
    acknowledged = {post.frame_id for post in posts if post.is_acknowledged}
    state = stage.spool.state()
    sent_at = [post.sent_at for post in posts]
    return Counts(
        posted=len({post.frame_id for post in posts}),
        answered=len(acknowledged),
        statuses=dict(Counter(post.status for post in posts if not post.is_acknowledged)),
        archived=len(archived),
        duplicated=sum(times.values()) - len(times),
        lost=len(acknowledged - keys) - state.dropped,
        unknown=len(keys - {post.frame_id for post in posts}),
        refused=state.refused,
        dropped=state.dropped,
        per_second=len(posts) / (max(sent_at) - min(sent_at)),
        slowest_ms=round(max(post.took_ms for post in posts)),
    )


def assert_each_is_archived_once(counts: Counts) -> None:
    """No acknowledged frame is lost, and none is duplicated, unknown or refused."""
    assert (counts.lost, counts.duplicated, counts.unknown, counts.refused) == (0, 0, 0, 0), counts
