"""The amount of fuzzing: a fixed amount with a fixed seed in the tests; random for FUZZ_SECONDS by `make fuzz`."""

import os
import random

SECONDS = int(os.environ.get("FUZZ_SECONDS") or 0)
SEED = int(os.environ.get("FUZZ_SEED") or (random.SystemRandom().randrange(2**32) if SECONDS else 20220330))
