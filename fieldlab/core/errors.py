"""Every error that we raise on purpose: what is wrong, where, and what to do about it."""


class FieldlabError(Exception):
    """An error that a user can act on; shown as one line."""

    exit_code = 2


class InputError(FieldlabError):
    """An argument or a file that the user gave cannot be used."""


class MachineFileError(InputError):
    """A machine file is wrong; `problems` holds one line for each wrong key."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class RecordingError(InputError):
    """A recording is broken; the message names the file and the line."""


class SettingsError(InputError):
    """A settings file or option is wrong; the message names the option in full."""


class PayloadError(FieldlabError):
    """A message from outside cannot be read; it is counted and quarantined."""


class StateError(FieldlabError):
    """What a stage saved is of another version and cannot be gone on from."""


class PartError(InputError):
    """A part of these sizes cannot be made; the message holds the number that would work."""


class MeshError(FieldlabError):
    """A mesh is not a printable solid."""


class SliceError(FieldlabError):
    """A mesh cannot be turned into G-code for this printer and material."""

    exit_code = 1


class NeedsSupportError(SliceError):
    """A part hangs free too far to be printed; turn it, or give it a foot."""


class PrinterError(FieldlabError):
    """A printer refused, failed or cannot be reached."""

    exit_code = 1


class RefusedError(FieldlabError):
    """A step that needs a passed gate, an approval or a valid state was refused."""

    exit_code = 1


class BusError(FieldlabError):
    """The message bus cannot be reached or does not accept us."""

    exit_code = 1


class StoreError(FieldlabError):
    """What must last cannot be read or written."""

    exit_code = 1
