"""The raw windows around an alarm as files that anyone can open: WAV and JSON."""

import io
from collections.abc import Mapping, Sequence

import numpy as np
from scipy.io import wavfile

from fieldlab.core.codec import write_json
from fieldlab.core.messages import Window

PREFIX = "evidence-"


def evidence_files(windows: Sequence[Window]) -> Mapping[str, bytes]:
    """Return a WAV for each waveform (32-bit float, the sensor's unit), a JSON of the rest."""
    files: dict[str, bytes] = {}
    described = []
    for number, window in enumerate(windows):
        names = {}
        for sensor, wave in window.waves.items():
            names[sensor] = f"{PREFIX}{number}-{sensor}.wav"
            out = io.BytesIO()
            wavfile.write(out, round(wave.rate_hz), np.asarray(wave.samples, np.float32))
            files[names[sensor]] = out.getvalue()
        scalars = {name: np.asarray(values).tolist() for name, values in window.scalars.items()}
        scalars = {name: [v for v in values if np.isfinite(v)] for name, values in scalars.items()}
        described.append({"t_s": window.t_s, "waves": names, "scalars": scalars})
    files[f"{PREFIX}windows.json"] = write_json({"windows": described})
    return files
