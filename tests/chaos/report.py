"""What is said of the rounds: a line each, a progress on a terminal, and the result."""

import sys
import time
from collections import Counter

from tests.chaos.rounds import Outcome

IDS = 10


class Report:
    """Collects outcomes; `clean` as long as nothing was found."""

    def __init__(self, rounds: int, seed: int, *, verbose: bool = False) -> None:
        self.found: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self._rounds = rounds
        self._seed = seed
        self._verbose = verbose
        self._done = 0
        self._lag = 0.0
        self._began = time.monotonic()
        self._alive = sys.stderr.isatty() and not verbose

    @property
    def clean(self) -> bool:
        return not self.found

    def add(self, outcome: Outcome) -> None:
        """Take one round in, and say it."""
        self._done += 1
        self._lag = max(self._lag, outcome.lag)
        self.counts.update(outcome.counts)
        for kind, found in outcome.findings.items():
            self.found[kind] += len(found)
        if self._verbose:
            print(self._line(outcome), flush=True)
        elif self._alive:
            passed = time.monotonic() - self._began
            left = passed / self._done * (self._rounds - self._done)
            sys.stderr.write(f"\rround {self._done} of {self._rounds}, {left:.0f} s left \x1b[K")
        if outcome.findings:
            print(self._story(outcome), flush=True)

    def end(self) -> str:
        """The result, in two lines: what was done, and what was found."""
        if self._alive:
            sys.stderr.write("\r\x1b[K")
        counted = ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))
        found = ", ".join(f"{kind} {self.found[kind]}" for kind in ("lost", "ghosts", "stale"))
        return (
            f"seed {self._seed}: {counted}, {self.counts['deadlocks']} deadlocks\n"
            f"rounds {self._done}, {found}, longest lag {self._lag:.1f} s"
        )

    def _line(self, outcome: Outcome) -> str:
        commits = outcome.counts["commits"]
        return (
            f"round {outcome.number:>3}  {commits:>4} commits"
            f"  {outcome.live.documents:>4} documents"
            f"  settled in {outcome.settled:4.1f} s  lag {outcome.lag:4.1f} s"
            f"  {', '.join(outcome.acts)}"
        )

    def _story(self, outcome: Outcome) -> str:
        """What was found in a round, and how to see it again."""
        lines = [f"round {outcome.number}: {', '.join(outcome.acts) or 'no violence'}"]
        for kind, found in outcome.findings.items():
            more = f" … ({len(found)})" if len(found) > IDS else ""
            lines.append(f"  {kind}: {'; '.join(found[:IDS])}{more}")
        lines.append(f"  again: make chaos N={outcome.number} SEED={self._seed}")
        return "\n".join(lines)
