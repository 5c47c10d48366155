"""The judgement of a machine that has wave sensors: rows of features to scores and a diagnosis."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from analytics.alarms import WATCH_RATIO, Scores
from analytics.baseline import Baseline, learn, medians
from analytics.bearings import BearingEar
from analytics.describe import Describer
from analytics.diagnosis import diagnosed, is_sure, rank
from analytics.drift import Drift
from analytics.evidence import Evidence, novelty
from analytics.features.spectra import Floats
from analytics.forecast import forecast
from analytics.learning import Learning
from analytics.paths import Paths
from analytics.play import PlayEar
from analytics.reasons import Seen
from analytics.signatures import SPECTRUM
from analytics.state import WEIGHT, Calibration, SequentialTest, calibrate
from fieldlab.core.machine import Machine, RollingBearing
from fieldlab.core.messages import Diagnosis, Forecast, Suspect, Window

_EWMA_SPREAD = float(np.sqrt(WEIGHT / (2 - WEIGHT)))
_CLIP = 40.0  # spreads that one window can add to a feature's average
_FORGET_SHARE = 0.8
_LEAST_SPREAD, _LEAST_LEVEL_SPREAD = 0.05, 0.002  # log power, and share of a level
_SWAP_LEAST, _SWAP_SHARE = 1.5, 0.5  # spreads as a whole, and share that exchanging leaves
_STEADY_SPREAD, _LEAST_STEADY = 0.3, 8  # log power, and features of a sensor
_MOVED_SHARE, _GONE_SHARE = 0.6, 0.3  # of a sensor's steady features
_MOST_CALM, _STILL_CALM = 0.06, 0.2  # the same of the others: when it begins, and while it lasts
_PLAIN_CHANGE, _ALONE_LEAST, _ALONE_LEAD = 3.0, 0.5, 2.0  # ratios to their limits


class WaveJudge:
    """Learns the normal of each feature given the conditions; then scores window after window."""

    def __init__(self, machine: Machine, describer: Describer) -> None:
        self._machine = machine
        self._describer = describer
        self._evidence = Evidence(describer)
        self._baseline: Baseline | None = None
        self._test: SequentialTest | None = None
        self._paths = Paths(len(self._evidence.names))
        count = len(describer.features)
        self._strength = np.zeros(count)
        self._louder = np.zeros(count)
        self._drift = Drift(count)
        self._ear = BearingEar(machine, self._evidence.signatures)
        self._play = PlayEar(describer)
        kinds = [f.kind for f in describer.features]
        self._features_of = {
            name: [at for at, f in enumerate(describer.features) if f.sensor == name]
            for name in describer.wave_sensors
        }
        self._is_level = np.array([kind == "level" for kind in kinds], bool)
        self._general = np.array(
            [kind not in ("level", "scatter") or not describer.wave_sensors for kind in kinds], bool
        )
        self._moved: set[str] = set()
        self._is_heard = np.array([kind in (SPECTRUM, "band") for kind in kinds], bool)
        self._place = {
            (f.sensor, f.line): at for at, f in enumerate(describer.features) if f.line >= 0
        }

    @property
    def is_ready(self) -> bool:
        """Whether a normal was learnt."""
        return self._test is not None

    @property
    def supported_per_year(self) -> float | None:
        """The false cases a year that the learning supports."""
        return None if self._test is None else self._test.calibration.supported_per_year

    def learn(self, learning: Learning) -> None:
        """Learn what is normal; nothing happens while there are too few windows."""
        if not learning.is_enough:
            return
        interval_s = learning.interval_s
        rows, conditions = learning.take()
        self._baseline, left_out = learn(rows, conditions, self._least_spread(rows))
        series = np.array(self._healthy_evidence(left_out))
        budget = self._machine.policy.false_cases_per_year
        terms = float(self._baseline.weights.shape[0])
        self._test = SequentialTest(
            calibrate(series, interval_s=interval_s, false_cases_per_year=budget, used=terms)
        )

    def _healthy_evidence(self, left_out: Floats) -> list[Floats]:
        """Return the evidence of healthy windows, in order of time."""
        drift, one = Drift(left_out.shape[1]), np.ones(left_out.shape[1])
        found = []
        for row in left_out:
            found.append(self._evidence_of(row, drift.fast(row, one)))
            drift.follow(row, one)
        if self._baseline is not None:  # go on from where the learning ended
            self._drift.level = drift.level * self._baseline.spread
            self._drift.roaming = drift.roaming
        return found

    def judge(self, t_s: float, row: Floats, conditions: Floats, *, is_alarm: bool) -> Scores:
        """Take a window; `learn` has been called."""
        assert self._baseline is not None  # noqa: S101  # is_ready
        assert self._test is not None  # noqa: S101
        expected, spread = self._baseline.expected(conditions)
        louder = row - expected
        deviations = louder / spread
        self._average_in(deviations, louder)
        self._paths.add(t_s, self._evidence.levels(louder))
        fast = self._drift.fast(louder, spread)
        self._test.step(self._evidence_of(deviations, fast))
        if not is_alarm and self.scores().novel_raw < 1.0:
            known = float(np.min(self._baseline.spread / spread)) ** 2
            self._drift.follow(louder, spread, known=known)
        return self.scores()

    def swapped(self, row: Floats, conditions: Floats) -> tuple[str, ...]:
        """Return two sensors that speak as the other one did when all was well."""
        assert self._baseline is not None  # noqa: S101  # is_ready
        expected, spread = self._baseline.expected(conditions)

        def unlike(values: Floats) -> float:
            return novelty(((values - expected) / spread)[self._general])

        as_is = unlike(row)
        if as_is < _SWAP_LEAST:
            return ()
        for one, other in combinations(self._describer.wave_sensors, 2):
            places = self._features_of[one], self._features_of[other]
            if len(places[0]) == len(places[1]):
                exchanged = row.copy()
                exchanged[places[0]], exchanged[places[1]] = row[places[1]], row[places[0]]
                if unlike(exchanged) < min(_SWAP_LEAST, _SWAP_SHARE * as_is):
                    return one, other
        return ()

    def moved(self, row: Floats, conditions: Floats) -> tuple[str, ...]:
        """Return the one sensor to which all that was steady sounds otherwise, and to no other.

        A fault raises lines of its own; one that a single sensor hears leaves the steady sounds of
        all other parts as they were, and takes none away. Another place or a loose foot of the
        sensor changes how all of them reach it; what was plain once stays so while it lasts.
        """
        assert self._baseline is not None  # noqa: S101  # is_ready
        expected, spread = self._baseline.expected(conditions)
        steady = self._is_heard & (spread < _STEADY_SPREAD) & np.isfinite(row)
        louder, quieter = row - expected > 3 * spread, expected - row > 3 * spread
        shares = {
            name: (float(np.mean((louder | quieter)[at])), float(np.mean(quieter[at])))
            for name, places in self._features_of.items()
            if len(at := [place for place in places if steady[place]]) >= _LEAST_STEADY
        }
        if len(shares) < max(2, len(self._features_of)):
            return ()
        loudest = max(shares, key=lambda name: shares[name])
        share, gone = shares[loudest]
        others = max(shares[name][0] for name in shares if name != loudest)
        is_plain = share > _MOVED_SHARE or gone > _GONE_SHARE
        if loudest in self._moved:
            is_moved = share > _MOST_CALM and others < _STILL_CALM
        else:
            is_moved = is_plain and others <= _MOST_CALM
        self._moved = {loudest} if is_moved else set()
        return tuple(self._moved)

    def scores(self) -> Scores:
        """Return the scores as they are now; `judge` has been called."""
        assert self._test is not None  # noqa: S101
        ratios, raw = self._test.ratios(), self._test.raw()
        return Scores(
            raised=ratios[:-1], raw=raw[:-1], novel=float(ratios[-1]), novel_raw=float(raw[-1])
        )

    def _least_spread(self, rows: Floats) -> Floats:
        """Return the least spread that is believed."""
        least = _LEAST_LEVEL_SPREAD * np.abs(medians(rows)) + 1e-6
        return np.where(self._is_level, least, _LEAST_SPREAD)

    def _evidence_of(self, deviations: Floats, fast: Floats) -> Floats:
        raised = self._evidence.raised(deviations)
        return np.append(raised, np.log(novelty(fast[self._general]) + 0.05))

    def _average_in(self, deviations: Floats, louder: Floats) -> None:
        known = np.isfinite(deviations)
        step = np.where(known, np.clip(deviations, -_CLIP, _CLIP) - self._strength, 0.0)
        self._strength = self._strength + WEIGHT * step
        step = np.where(known, louder - self._louder, 0.0)
        self._louder = self._louder + WEIGHT * step

    # ------------------------------------------------------------------------------- telling

    def ratio_of(self, component: str, ratios: Floats) -> float:
        """Return the greatest ratio of a component's group."""
        group = self._machine.group_of(component)
        found = [
            ratios[at] for at, s in enumerate(self._evidence.signatures) if s.component in group
        ]
        return float(max(found, default=0.0))

    def nearest(self) -> str | None:
        """Return the one component that stands where it became loudest, None if there are more."""
        index = self._describer.index
        rises = {
            sensor: float(self._louder[index[sensor, "moment", "rms"]])
            for sensor in self._describer.wave_sensors
        }
        loudest = max(rises, key=lambda sensor: abs(rises[sensor]), default=None)
        groups = {
            self._machine.group_of(name)
            for name, component in self._machine.components.items()
            if loudest in component.near
        }
        return next(iter(groups))[0] if len(groups) == 1 else None

    def component_ratios(self, scores: Scores) -> dict[str, float]:
        """Return each component's evidence against its limit."""
        ratios: dict[str, float] = {}
        for signature, ratio in zip(self._evidence.signatures, scores.raised, strict=True):
            value = max(0.0, float(ratio))
            ratios[signature.component] = max(value, ratios.get(signature.component, 0.0))
        return ratios

    def diagnose(
        self, window: Window, scores: Scores, rates_hz: Mapping[str, float]
    ) -> tuple[Diagnosis | None, bool]:
        """Return what could explain the scores, and whether the verdict's own evidence is over."""
        if scores.worst <= WATCH_RATIO:
            self._ear.forget()
            self._play.forget()
            return None, False
        ranked = rank(
            self._evidence, self._strength / _EWMA_SPREAD, self._louder,
            self._play.fit(window, rates_hz, scores.raised), scores.raised,
        )  # fmt: skip
        seen = Seen(
            louder_log=self._louder, strength=self._strength, rates_hz=rates_hz,
            line_place=self._place, line_of=self._describer.line_of,
        )  # fmt: skip
        found = diagnosed(self._evidence, self._machine, window.t_s, ranked, seen)
        bearing = self._ear.hear(window, scores.raised, rates_hz)
        if bearing is not None and self._may_be_bearing(found):
            others = [s for s in found.suspects if not _same(s, bearing)]
            return replace(found, suspects=(bearing, *others), verdict=bearing), True
        if is_sure(ranked):
            return found, bool(scores.raised[ranked[0][0]] > 1.0)
        if len(ranked) == 1 and self._stands_alone(found.suspects[0].component, scores):
            return replace(found, verdict=found.suspects[0]), True
        return found, False

    def _stands_alone(self, component: str, scores: Scores) -> bool:
        """Whether the machine plainly changed, and nothing but one component can have done it.

        Its own lines then need not be over their limit: a broken gear can be quieter as a whole.
        """
        ratios = self.component_ratios(scores)
        own = ratios.pop(component)
        others = max(ratios.values(), default=0.0)
        return scores.novel > _PLAIN_CHANGE and own > _ALONE_LEAST and own > _ALONE_LEAD * others

    def _may_be_bearing(self, found: Diagnosis) -> bool:
        """Whether nothing but a bearing is sure."""
        if found.verdict is None:
            return True
        return isinstance(self._machine.components[found.verdict.component], RollingBearing)

    def forecast(self, component: str, mode: str | None) -> Forecast:
        """Return how long a component will last."""
        numbers = [
            at for at, s in enumerate(self._evidence.signatures)
            if s.component == component and mode in (s.mode, None)
        ]  # fmt: skip
        paths = [self._paths.of(number) for number in numbers]
        path = max(paths, key=lambda path: float(path.levels[-1]), default=self._paths.none())
        return forecast(self._machine.id, component, mode, path)

    def named(self, row: Floats) -> dict[str, float]:
        """Return the features worth a name: moments, levels, and each signature's own level."""
        values = {
            f"{f.sensor}.{f.name}": float(row[at])
            for at, f in enumerate(self._describer.features)
            if f.kind in ("moment", "level") and np.isfinite(row[at])
        }
        return values | dict(
            zip(self._evidence.names, self._evidence.levels(row).tolist(), strict=True)
        )

    def normal(self, conditions: Floats) -> dict[str, tuple[float, float]]:
        """Return what each named moment and level should be now, and its spread; {} unlearnt."""
        if self._baseline is None:
            return {}
        expected, spread = self._baseline.expected(conditions)
        return {
            f"{f.sensor}.{f.name}": (float(expected[at]), float(spread[at]))
            for at, f in enumerate(self._describer.features)
            if f.kind in ("moment", "level")
        }

    # ---------------------------------------------------------------------------- forgetting

    def forget(self, share: float = _FORGET_SHARE) -> None:
        """Forget a share of what was gathered: what raised it is gone."""
        if self._test is not None:
            self._test.forget(share)
        self._strength = self._strength * (1.0 - share)
        self._louder = self._louder * (1.0 - share)

    def fitted(self, group: tuple[str, ...]) -> None:
        """Forget all that was gathered: other parts are in; the learnt normal stays."""
        self.forget(1.0)
        self._drift.forget()
        self._ear.forget()
        self._play.forget()
        self._paths.forget(
            at for at, s in enumerate(self._evidence.signatures) if s.component in group
        )

    # -------------------------------------------------------------------------------- saving

    def plain(self) -> dict[str, Any]:
        """Return all that was learnt and gathered as arrays, to be saved."""
        out: dict[str, Any] = {
            "strength": self._strength, "louder": self._louder, "paths": self._paths.plain(),
            "drift": self._drift.level, "roaming": self._drift.roaming,
            "moved": np.array(sorted(self._moved), str),
        }  # fmt: skip
        out |= {f"ear_{key}": value for key, value in self._ear.plain().items()}
        out |= {f"play_{key}": value for key, value in self._play.plain().items()}
        if self._baseline is not None and self._test is not None:
            out |= {"average": self._test.average, "newest": self._test.newest}
            out |= {f"baseline_{key}": value for key, value in self._baseline.plain().items()}
            calibration = self._test.calibration.plain()
            out |= {f"calibration_{key}": value for key, value in calibration.items()}
        return out

    def restore(self, plain: Mapping[str, Any]) -> None:
        """Go on from a saved state."""
        self._strength, self._louder = plain["strength"], plain["louder"]
        self._paths = Paths.of_plain(plain["paths"])
        self._drift.level, self._drift.roaming = plain["drift"], plain["roaming"]
        self._moved = {str(name) for name in plain["moved"]}
        self._ear.restore(under(plain, "ear_"))
        self._play.restore(under(plain, "play_"))
        if "average" in plain:
            self._baseline = Baseline.of_plain(under(plain, "baseline_"))
            self._test = SequentialTest(Calibration.of_plain(under(plain, "calibration_")))
            self._test.average, self._test.newest = plain["average"], plain["newest"]


def _same(one: Suspect, other: Suspect) -> bool:
    return (one.component, one.failure_mode) == (other.component, other.failure_mode)


def under(arrays: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the entries whose names begin with a prefix, without it."""
    return {key[len(prefix) :]: value for key, value in arrays.items() if key.startswith(prefix)}
