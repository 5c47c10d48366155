"""What people said of earlier verdicts on this machine, and how it changes the next ranking.

A word about one component and failure mode counts in full for that component, and a quarter for the
same mode of its kind on the same machine. A suspect's confidence is multiplied by
(1 + confirmed) / (1 + refuted), the ratio of two rates with one pseudo-count each (Laplace's rule).
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from fieldlab.core.machine import Machine
from fieldlab.core.messages import Diagnosis, Suspect

KIND_SHARE = 0.25  # of a word about another component of the same kind
MOST_WORDS = 500  # the newest are kept
_MOST_TIMES = 5.0
_KEPT_SHARE = 0.6  # a verdict whose confidence fell below this share of itself is none
_LEAST_CONFIDENCE = 0.5  # of a suspect that becomes the verdict because people said so before


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What was said of one case: whether a component and mode was it or not.

    The failure mode is None when only the component is known.
    """

    case_id: str
    component: str
    failure_mode: str | None
    is_right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """All words about one machine, oldest first."""

    words: tuple[Word, ...] = ()

    def told(self, *said: Word) -> "Feedback":
        """Return the feedback with these words; they replace those of the same cases."""
        cases = {word.case_id for word in said}
        kept = tuple(word for word in self.words if word.case_id not in cases)
        return Feedback(words=(*kept, *said)[-MOST_WORDS:])

    def times(self, suspect: Suspect, machine: Machine) -> float:
        """Return by what a suspect's confidence is multiplied."""
        right = wrong = 0.0
        for word in self.words:
            share = _share(word, suspect, machine)
            right += share * word.is_right
            wrong += share * (not word.is_right)
        return float(np.clip((1 + right) / (1 + wrong), 1 / _MOST_TIMES, _MOST_TIMES))

    def tally(self, component: str, failure_mode: str | None) -> dict[str, int]:
        """Return how often people said that a component and mode were `right`, and `wrong`."""
        mine = [
            word.is_right for word in self.words
            if (word.component, word.failure_mode) == (component, failure_mode)
        ]  # fmt: skip
        return {"right": sum(mine), "wrong": len(mine) - sum(mine)}

    def reranked(self, diagnosis: Diagnosis, machine: Machine) -> Diagnosis:
        """Return the diagnosis with its suspects in the order that people's words give.

        A verdict that they refuted is withdrawn; one that they confirmed may take its place.
        """
        if not self.words or not diagnosis.suspects:
            return diagnosis
        before = sum(suspect.confidence for suspect in diagnosis.suspects)
        values = [s.confidence * self.times(s, machine) for s in diagnosis.suspects]
        scale = min(1.0, before / max(sum(values), 1e-12))
        suspects = tuple(
            sorted(
                (replace(suspect, confidence=round(scale * value, 4))
                 for suspect, value in zip(diagnosis.suspects, values, strict=True)),
                key=lambda suspect: -suspect.confidence,
            )
        )  # fmt: skip
        return replace(
            diagnosis, suspects=suspects, verdict=self._verdict(diagnosis, suspects[0], machine)
        )

    def _verdict(self, diagnosis: Diagnosis, top: Suspect, machine: Machine) -> Suspect | None:
        old = diagnosis.verdict
        if old is not None and (old.component, old.failure_mode) == (
            top.component, top.failure_mode
        ):  # fmt: skip
            return top if top.confidence >= _KEPT_SHARE * old.confidence else None
        known = self.times(top, machine) > 1.0
        return top if known and top.confidence >= _LEAST_CONFIDENCE else None

    def plain(self) -> list[dict[str, Any]]:
        """Return the words as plain data."""
        return [asdict(word) for word in self.words]

    @classmethod
    def of_plain(cls, plain: Iterable[Mapping[str, Any]]) -> "Feedback":
        """Return what `plain` wrote."""
        return cls(words=tuple(Word(**word) for word in plain))


def _share(word: Word, suspect: Suspect, machine: Machine) -> float:
    """Return how much a word says of a suspect: all, the share of its kind, or nothing."""
    if word.failure_mode is not None and word.failure_mode != suspect.failure_mode:
        return 0.0
    if word.component in (suspect.component, *suspect.group):
        return 1.0
    other = machine.components.get(word.component)
    kind = machine.components[suspect.component].kind
    return KIND_SHARE if other is not None and other.kind == kind else 0.0
