"""Why a command is refused."""


class RefusedCommandError(Exception):
    """The reason why a command is refused."""
