"""Which slicer makes a file: ours, PrusaSlicer, or ours with PrusaSlicer behind it."""

from fieldlab.core.errors import NeedsSupportError, SliceError
from fieldlab.core.messages import Sliced
from fieldlab.core.ports import Slicer
from fieldlab.core.settings import SlicerName
from printing.profiles import QualityProfile, quality
from printing.slicers.embedded import EmbeddedSlicer
from printing.slicers.prusaslicer import PrusaSlicer, is_installed


def slicer_of(name: SlicerName, quality_name: str) -> Slicer:
    """Return the slicer that the settings name; raises SliceError or InputError."""
    chosen = quality(quality_name)
    match name:
        case "embedded":
            return EmbeddedSlicer(chosen)
        case "prusaslicer":
            return PrusaSlicer(chosen)
        case "auto":
            return AutoSlicer(chosen)


class AutoSlicer:
    """Ours; what it cannot slice goes to PrusaSlicer, if there is one.

    A part that needs supports is not printed: what carries it would not be the part, and the gate
    refuses it.
    """

    def __init__(self, chosen: QualityProfile) -> None:
        self._chosen = chosen

    def slice(self, stl: bytes, *, printer: str, material: str) -> Sliced:
        """Return G-code for a mesh; raises SliceError or MeshError."""
        try:
            return EmbeddedSlicer(self._chosen).slice(stl, printer=printer, material=material)
        except NeedsSupportError:
            raise
        except SliceError:
            if not is_installed():
                raise
        return PrusaSlicer(self._chosen).slice(stl, printer=printer, material=material)
