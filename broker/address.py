"""Where a broker is: HOST:PORT, or mqtts://HOST:PORT for one that speaks TLS."""

from pathlib import Path
from typing import NamedTuple

TLS = "mqtts://"


class BrokerAddress(NamedTuple):
    """A broker's address; `tls` names the authority to trust, True the computer's own."""

    host: str
    port: int
    tls: Path | bool = False

    def trusting(self, authority: Path) -> "BrokerAddress":
        """Return the address with this authority, if TLS is asked for and there is such a file."""
        return self._replace(tls=authority) if self.tls is True and authority.is_file() else self


def parse_address(text: str) -> BrokerAddress:
    """Return a broker's address; raises ValueError.

    >>> parse_address("127.0.0.1:1883")
    BrokerAddress(host='127.0.0.1', port=1883, tls=False)
    >>> parse_address("mqtts://fieldlab.local:8883").tls
    True
    """
    host, _, port = text.removeprefix(TLS).rpartition(":")
    if not host or "/" in host or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ValueError(
            f"'{text}' is not HOST:PORT, like 127.0.0.1:1883, or {TLS}fieldlab.local:8883"
        )
    return BrokerAddress(host=host, port=int(port), tls=text.startswith(TLS))
