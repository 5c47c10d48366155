"""What is known of a recording: `labels.yaml` beside its machine file. Only benches read it."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import Field, ValidationError

from fieldlab.app.cli.options import read_text
from fieldlab.core.errors import InputError
from fieldlab.core.strict import Strict

FILE = "labels.yaml"


class Truth(Strict):
    """What a recording without a healthy stretch shows; both None when nothing is wrong."""

    component: str | None = None
    failure_mode: str | None = None


class Span(Strict):
    """A stretch of event time of which it is known what it is; the rest is not judged."""

    from_s: float
    to_s: float
    kind: Literal["healthy", "fault"] = Field(alias="is")
    component: str | None = None
    failure_mode: str | None = None


class Labels(Strict):
    """The labels of one recording: either spans after a healthy stretch, or one verdict."""

    fieldlab_labels: Literal[1]
    healthy_until_s: float | None = None
    spans: list[Span] = Field(default_factory=list)
    verdict: Truth | None = None


def read_labels(recording: Path) -> Labels:
    """Return the labels of a recording.

    Raises
    ------
    InputError
        If there are none, or they cannot be read.
    """
    file = recording / FILE
    try:
        labels = Labels.model_validate(yaml.safe_load(read_text(file)))
    except (yaml.YAMLError, ValidationError) as error:
        why = str(error).replace("\n", "; ")
        raise InputError(f"{file}: {why}; docs/detection.md tells how to write it") from error
    if (labels.healthy_until_s is None) == (labels.verdict is None):
        raise InputError(f"{file}: give either healthy_until_s with spans, or a verdict")
    return labels
