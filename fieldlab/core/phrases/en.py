"""The English catalogue: phrase key to sentence; numbers are filled in by `say`."""

PHRASES: dict[str, str] = {
    "ask-not-sure": "Something changed, but no component stands out: please have a look.",
    "case-open": "The {component} does not run as it should.",
    "case-diagnosed": "The {component} shows {mode}; we are {percent:.0f} % sure.",
    "case-designed": "A new {component} is drawn, because the old one shows {mode}.",
    "case-verified": "The new {component} is drawn and checked; now it becomes G-code.",
    "case-sliced": "The gate judges whether the new {component} is safe to print.",
    "case-awaiting-approval": "The {component} shows {mode}. A new one is ready to print: do you approve?",
    "case-queued": "The new {component} is approved and waits for the printer.",
    "case-printing": "The {component} shows {mode}. The new one rolls out of the printer now.",
    "case-inspecting": "The new {component} is printed and is being inspected.",
    "case-awaiting-fit": "The new {component} is good. Please fit it.",
    "case-buy-awaiting": "The {component} shows {mode}. It cannot be printed: please buy and fit a new one.",
    "case-adjust-awaiting": "The {component} shows {mode}. Please adjust it.",
    "case-proving": "The new {component} is fitted. The machine now proves whether it is healthy.",
    "case-proven": "The machine is healthy again: the new {component} solved it.",
    "case-not-healed": "The new {component} did not solve it: we look at the next suspect.",
    "case-dismissed": "The case of the {component} was closed without a repair.",
    "mode-outer-race": "damage of the outer race",
    "mode-inner-race": "damage of the inner race",
    "mode-rolling-element": "damage of a rolling element",
    "mode-tooth-damage": "a damaged tooth",
    "mode-wear": "wear",
    "mode-imbalance": "imbalance",
    "mode-blade-damage": "a damaged blade",
    "mode-misalignment": "misalignment",
    "mode-looseness": "looseness",
    "mode-slip": "slip",
    "part-same": (
        "The same sizes and {material} again: nothing better is known within the room given."
    ),
    "part-material": "{material} instead of {old_material}, the sizes stay.",
    "part-size-wide": "{size_mm:g} mm instead of {old_mm:g} mm wide, in {material} again.",
    "part-size-long": "{size_mm:g} mm instead of {old_mm:g} mm long, in {material} again.",
    "part-size-thick": "{size_mm:g} mm instead of {old_mm:g} mm thick, in {material} again.",
    "part-both-wide": (
        "{size_mm:g} mm instead of {old_mm:g} mm wide and {material} instead of {old_material}."
    ),
    "part-both-long": (
        "{size_mm:g} mm instead of {old_mm:g} mm long and {material} instead of {old_material}."
    ),
    "part-both-thick": (
        "{size_mm:g} mm instead of {old_mm:g} mm thick and {material} instead of {old_material}."
    ),
    "part-life-wear": (
        "The old part wore for {old_h:.0f} h; at the same rate this one lasts {life_h:.0f} h."
    ),
    "part-life-strength": (
        "The old part held for {old_h:.0f} h; by its lower stress this one "
        "holds about {life_h:.0f} h."
    ),
    "part-gain-wear": "It should last {gain_ratio:.2f} times as long, by the surface that wears.",
    "part-gain-strength": "It should last {gain_ratio:.1f} times as long, by its lower stress.",
    "part-short": (
        "That is {gain_ratio:.2f} times the old life; {wanted_ratio:.2f} times was wanted."
    ),
    "part-rejected-unknown": (
        "{material} was not chosen: the value that this rule needs is not known."
    ),
    "part-rejected-short": (
        "{material} was not chosen: at best {gain_ratio:.2f} times the old life."
    ),
    "part-rejected-change": (
        "{material} was not needed ({gain_ratio:.1f} times the old life at best)."
    ),
    "part-rejected-fixed": "Other parts rely on all its sizes, so none was changed.",
    "part-rejected-room": (
        "It was not made larger: the machine file gives no room (max_width_mm or space_mm)."
    ),
    "part-rejected-larger": "Up to {size_mm:g} mm would fit, but is not needed.",
    "diagnosis-mesh": "Around {frequency_hz:.0f} Hz, where the teeth of the {component} meet, it is {ratio:.1f} times as loud as when it was healthy.",
    "diagnosis-turn": "At {frequency_hz:.1f} Hz, a rhythm of the shaft that the {component} turns with, it is {ratio:.1f} times as loud as when it was healthy.",
    "diagnosis-blade": "At {frequency_hz:.0f} Hz, where the blades of the {component} pass, it is {ratio:.1f} times as loud as when it was healthy.",
    "diagnosis-twice": "At {frequency_hz:.0f} Hz, the rhythm of a {component} that is out of line, it is {ratio:.1f} times as loud as when it was healthy.",
    "diagnosis-jaw": "At {frequency_hz:.0f} Hz, where the jaws of the {component} strike, it is {ratio:.1f} times as loud as when it was healthy.",
    "diagnosis-bearing": "At {frequency_hz:.0f} Hz, a rhythm of the {component}, it knocks {ratio:.1f} times as hard as when it was healthy.",
    "diagnosis-knock": "At {frequency_hz:.1f} Hz, once per turn of the {component}, it is {ratio:.1f} times as loud as when it was healthy.",
    "diagnosis-knocks": "It knocks in a rhythm of {frequency_hz:.1f} Hz, that of the {component}, {ratio:.1f} times as hard as when it was healthy.",
    "diagnosis-belt": "At {frequency_hz:.1f} Hz, a rhythm of the {component} as it runs round, it is {ratio:.1f} times as loud as when it was healthy.",
    "diagnosis-physics": "Its knocks at {frequency_hz:.1f} Hz, a rhythm of the {component}, stand {ratio:.0f} times above what lies around them.",
    "mark-mesh": "teeth meet",
    "mark-turn": "once per turn",
    "mark-blade": "blades pass",
    "mark-twice": "out of line",
    "mark-jaw": "jaws strike",
    "mark-bearing": "bearing knocks",
    "mark-knock": "one knock per turn",
    "mark-knocks": "knocks",
    "mark-belt": "belt runs round",
    "mark-physics": "knocks",
    "forecast-remaining": "At this pace it lasts about {hours_h:.1f} more hours; nine times out of ten between {low_h:.1f} and {high_h:.1f}.",
    "forecast-none": "How long it lasts cannot be said yet: nothing grows steadily.",
    "watch-begins": "Something begins to change, below the alarm: we keep watching.",
    "sensor-stuck": "Sensor {sensor} gives the same value all the time: check it and its cable.",
    "sensor-saturated": "Sensor {sensor} is at the end of its range: check its range and its mounting.",
    "sensor-dropped-out": "Sensor {sensor} says nothing: check its cable and its supply.",
    "sensor-unplugged": "Sensor {sensor} gives only noise, as if unplugged: check its cable.",
    "sensor-spikes": "Sensor {sensor} gives spikes that no machine makes: check its contacts and its cable.",
    "sensor-clock-jump": "The clock of sensor {sensor} jumps: check the clock of its node.",
    "sensor-swapped": "Sensor {sensor} and another one seem to be swapped: check the cables.",
    "sensor-moved": "Sensor {sensor} hears everything differently, as if it was moved: check where it sits and how tight.",
}
