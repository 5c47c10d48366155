"""Points where a hub on trial kills itself, so that a test can be sure of the worst moment.

`[trial] kill_at` names them (or "all"), `times` how often each. What was spent is counted in a file
beside the cases, so that the next life of the hub goes on.
"""

import os
import signal
from pathlib import Path

from fieldlab.core.settings import Trial

FOLDER = "trial"


class Points:
    """The named points of one home; in a hub that is not on trial they do nothing."""

    def __init__(self, home: Path, trial: Trial) -> None:
        self._folder = home / FOLDER
        self._names = frozenset(trial.kill_at.split(",")) - {""}
        self._times = trial.times

    def all_spent(self, name: str) -> bool:
        """Return whether nobody dies at this point any more."""
        if not self._names & {name, "all"}:
            return True
        file = self._folder / name
        return file.is_file() and len(file.read_bytes()) >= self._times

    def reach(self, name: str) -> None:
        """Die here by SIGKILL, if this point is on trial and has lives left."""
        if self.all_spent(name):
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / name).open("ab") as log:
            log.write(b"x")
            log.flush()
            os.fsync(log.fileno())
        os.kill(os.getpid(), signal.SIGKILL)
