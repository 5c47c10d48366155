"""Whether a part is strong enough for the load of its case, as checks of its verification."""

from collections.abc import Iterator

from fieldlab.core.messages import Check
from partgen.engineering.checks import Duty, Safety, safeties
from partgen.families.family import Family


def strength(design: Family, material: str, duty: Duty) -> Iterator[Check]:
    """Yield a check for each law of the part's family; what is not known is named, not judged."""
    for each in safeties(design, material, duty):
        yield Check(
            name=f"strength_{each.name}", ok=each.holds, found=_found(each), wanted=_wanted(each)
        )


def _found(safety: Safety) -> str:
    if safety.found is None:
        return f"not judged: {', '.join(safety.missing)} not known"
    factor = "" if safety.factor is None else f", safety {safety.factor:.2f}"
    return f"{safety.found:.3g} {safety.unit}{factor}"


def _wanted(safety: Safety) -> str:
    if safety.allowed is None:
        return "a known load and material"
    quoted = safety.remembered and "from memory" not in safety.source
    source = f"{safety.source}; in part from memory" if quoted else safety.source
    return f"at most {safety.allowed:.3g} {safety.unit} ({source})"
