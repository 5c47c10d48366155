"""The detectors by name: a new one is one file and one line here.

The contract tests and `fieldlab bench detection` run all of them.
"""

from collections.abc import Callable

from analytics.detectors.detector import Detector
from analytics.detectors.forest import isolation_forest
from analytics.detectors.largest import largest_deviation
from analytics.detectors.mewma import mewma
from analytics.detectors.pca import pca_t2_q

DETECTORS: dict[str, Callable[[], Detector]] = {
    "largest-deviation": largest_deviation,
    "pca-t2-q": pca_t2_q,
    "mewma": mewma,
    "isolation-forest": isolation_forest,
}
