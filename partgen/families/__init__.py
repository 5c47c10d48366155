"""The catalogue of part families: one line for each."""

from partgen.families.damper_mount import DamperMount
from partgen.families.family import Family
from partgen.families.flanged_bushing import FlangedBushing
from partgen.families.gasket import Gasket
from partgen.families.gt2_pulley import Gt2Pulley
from partgen.families.herringbone_gear import HerringboneGear
from partgen.families.impeller import Impeller
from partgen.families.jaw_spider import JawSpider
from partgen.families.lever import Lever
from partgen.families.pillow_block import PillowBlock
from partgen.families.roller import Roller
from partgen.families.spur_gear import SpurGear
from partgen.families.tensioner_arm import TensionerArm
from partgen.families.wear_strip import WearStrip

FAMILIES: dict[str, type[Family]] = {
    "spur_gear": SpurGear,
    "herringbone_gear": HerringboneGear,
    "gt2_pulley": Gt2Pulley,
    "flanged_bushing": FlangedBushing,
    "pillow_block": PillowBlock,
    "jaw_spider": JawSpider,
    "impeller": Impeller,
    "roller": Roller,
    "lever": Lever,
    "tensioner_arm": TensionerArm,
    "damper_mount": DamperMount,
    "wear_strip": WearStrip,
    "gasket": Gasket,
}
