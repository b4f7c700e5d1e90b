"""How much is tried: in the tests so much, and always the same; by `make fuzz` for so many seconds, at random."""

import os
import random

SECONDS = int(os.environ.get("FUZZ_SECONDS") or 0)
SEED = int(os.environ.get("FUZZ_SEED") or (random.SystemRandom().randrange(2**32) if SECONDS else 20220330))
