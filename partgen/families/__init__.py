"""The catalogue of part families: one line for each."""

from partgen.families.family import Family
from partgen.families.flanged_bushing import FlangedBushing
from partgen.families.gt2_pulley import Gt2Pulley
from partgen.families.impeller import Impeller
from partgen.families.jaw_spider import JawSpider
from partgen.families.spur_gear import SpurGear

FAMILIES: dict[str, type[Family]] = {
    "spur_gear": SpurGear,
    "gt2_pulley": Gt2Pulley,
    "flanged_bushing": FlangedBushing,
    "jaw_spider": JawSpider,
    "impeller": Impeller,
}
