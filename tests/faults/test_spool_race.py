"""A worker starts and reconciles the spool's account while another one stores its frames."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from mongos.spool import Spool

FRAMES = 500
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def test_reconcile_works_while_frames_are_removed(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 2**20)
    for _ in range(FRAMES):
        assert spool.put({"id": uuid4().hex, "user_id": 1, "captured_at": MOMENT, "image": b"frame"})
    with ThreadPoolExecutor(1) as other_worker:
        removed = other_worker.submit(lambda: sum(map(spool.delete, spool.entries())))
        while not removed.done():
            spool.reconcile()
    assert removed.result() == FRAMES
    assert spool.state().bytes == 0
