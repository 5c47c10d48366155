"""A positive number that is not known exactly: its median and its 90 % band."""

from dataclasses import dataclass
from math import exp, hypot, log, sqrt

Z90 = 1.6449  # half-width of a normal distribution's central 90 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A log-normal number; `spread` is the standard deviation of its logarithm.

    >>> Band.of(100.0, 50.0, 200.0).times(Band(value=2.0)).value
    200.0
    """

    value: float
    spread: float = 0.0

    @classmethod
    def of(cls, value: float, low: float, high: float) -> "Band":
        """Return the number with this median and 90 % band; a lopsided band is evened out."""
        return cls(value=value, spread=log(high / low) / (2 * Z90) if high > low else 0.0)

    @property
    def low(self) -> float:
        """The number is above this in 95 of 100 cases."""
        return self.value * exp(-Z90 * self.spread)

    @property
    def high(self) -> float:
        """The number is below this in 95 of 100 cases."""
        return self.value * exp(Z90 * self.spread)

    def times(self, other: "Band") -> "Band":
        """Return the product with an independent number."""
        return Band(value=self.value * other.value, spread=hypot(self.spread, other.spread))

    def over(self, other: "Band") -> "Band":
        """Return the quotient with an independent number."""
        return Band(value=self.value / other.value, spread=hypot(self.spread, other.spread))

    def power(self, exponent: "Band") -> "Band":
        """Return this number to a power that is not known exactly.

        The logarithm of the result is a product of two independent numbers, whose variance is
        exact; that it is normal is not, which matters only for wide exponents far from one.
        """
        base = log(self.value)
        slope_sd = exponent.value * exponent.spread
        variance = (
            (exponent.value * self.spread) ** 2
            + (base * slope_sd) ** 2
            + (self.spread * slope_sd) ** 2
        )
        return Band(value=exp(exponent.value * base), spread=sqrt(variance))
