"""The indexer under test: `python -m indexer`, mutated as CHAOS_MUTATION says."""

import os
import sys

from tests.chaos.mutations import VARIABLE, mutate

if __name__ == "__main__":
    mutate(os.environ.get(VARIABLE, ""))
    from indexer.__main__ import main

    sys.exit(main())
