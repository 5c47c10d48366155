"""The Dutch catalogue: phrase key to sentence; numbers are filled in by `say`."""

PHRASES: dict[str, str] = {
    "ask-not-sure": "Er is iets veranderd, maar geen onderdeel springt eruit: kijk er even naar.",
    "case-open": "{component} loopt niet zoals het hoort.",
    "case-diagnosed": "{component} vertoont {mode}; we zijn {percent:.0f} % zeker.",
    "case-designed": "{component} vertoont {mode}. Er is een beter onderdeel getekend.",
    "case-verified": "{component}: het nieuwe is getekend en gecontroleerd; nu wordt het G-code.",
    "case-sliced": "{component}: de poort beoordeelt of het nieuwe veilig geprint kan worden.",
    "case-awaiting-approval": "{component} vertoont {mode}. Het nieuwe ligt klaar om te printen: akkoord?",
    "case-queued": "{component}: het nieuwe is goedgekeurd en wacht op de printer.",
    "case-printing": "{component} vertoont {mode}. Het nieuwe rolt nu uit de printer.",
    "case-inspecting": "{component}: het nieuwe is geprint en wordt gekeurd.",
    "case-awaiting-fit": "{component}: het nieuwe is goedgekeurd. Zet het erop.",
    "case-buy-awaiting": "{component} vertoont {mode}. Dit wordt niet geprint: koop een nieuw exemplaar en zet het erop.",
    "case-adjust-awaiting": "{component} vertoont {mode}. Stel het bij.",
    "case-proving": "{component}: het nieuwe zit erop. De machine bewijst nu of ze gezond is.",
    "case-proven": "De machine is weer gezond: nieuw onderdeel ({component}), probleem opgelost.",
    "case-not-healed": "{component}: het nieuwe onderdeel hielp niet. We bekijken de volgende verdachte.",
    "case-dismissed": "{component}: deze zaak is gesloten zonder reparatie.",
    "mode-outer-race": "schade aan de buitenring",
    "mode-inner-race": "schade aan de binnenring",
    "mode-rolling-element": "schade aan een rolelement",
    "mode-tooth-damage": "een beschadigde tand",
    "mode-wear": "slijtage",
    "mode-imbalance": "onbalans",
    "mode-blade-damage": "een beschadigde schoep",
    "mode-misalignment": "een uitlijnfout",
    "mode-looseness": "speling",
    "mode-slip": "slip",
    "part-same": "Weer dezelfde maten en {material}: binnen de ruimte is niets beters bekend.",
    "part-material": "{material} in plaats van {old_material}, de maten blijven.",
    "part-size-wide": "{size_mm:g} mm in plaats van {old_mm:g} mm breed, weer in {material}.",
    "part-size-long": "{size_mm:g} mm in plaats van {old_mm:g} mm lang, weer in {material}.",
    "part-size-thick": "{size_mm:g} mm in plaats van {old_mm:g} mm dik, weer in {material}.",
    "part-both-wide": (
        "{size_mm:g} mm in plaats van {old_mm:g} mm breed en {material} in "
        "plaats van {old_material}."
    ),
    "part-both-long": (
        "{size_mm:g} mm in plaats van {old_mm:g} mm lang en {material} in "
        "plaats van {old_material}."
    ),
    "part-both-thick": (
        "{size_mm:g} mm in plaats van {old_mm:g} mm dik en {material} in plaats van {old_material}."
    ),
    "part-life-wear": (
        "Het oude deel sleet {old_h:.0f} uur; in hetzelfde tempo gaat dit {life_h:.0f} uur mee."
    ),
    "part-life-strength": (
        "Het oude deel hield {old_h:.0f} uur; door de lagere spanning houdt "
        "dit ongeveer {life_h:.0f} uur."
    ),
    "part-gain-wear": (
        "Het gaat naar verwachting {gain_ratio:.2f} keer zo lang mee, door het slijtvlak."
    ),
    "part-gain-strength": (
        "Het gaat naar verwachting {gain_ratio:.1f} keer zo lang mee, door de lagere spanning."
    ),
    "part-short": (
        "Dat is {gain_ratio:.2f} keer de oude levensduur; {wanted_ratio:.2f} keer was gewenst."
    ),
    "part-rejected-unknown": (
        "{material} is niet gekozen: de waarde die deze regel nodig heeft is niet bekend."
    ),
    "part-rejected-short": (
        "{material} is niet gekozen: hooguit {gain_ratio:.2f} keer de oude levensduur."
    ),
    "part-rejected-change": (
        "{material} was niet nodig (hooguit {gain_ratio:.1f} keer de oude levensduur)."
    ),
    "part-rejected-fixed": "Andere delen rekenen op al zijn maten, dus geen maat is veranderd.",
    "part-rejected-room": (
        "Het is niet groter gemaakt: het machinebestand geeft geen ruimte "
        "(max_width_mm of space_mm)."
    ),
    "part-rejected-larger": "Tot {size_mm:g} mm zou passen, maar dat is niet nodig.",
    "diagnosis-mesh": "Rond {frequency_hz:.0f} Hz grijpen de tanden in elkaar ({component}): {ratio:.1f} keer zo luid als toen het gezond was.",
    "diagnosis-turn": "Bij {frequency_hz:.1f} Hz draait de as rond ({component}): {ratio:.1f} keer zo luid als toen het gezond was.",
    "diagnosis-blade": "Bij {frequency_hz:.0f} Hz passeren de schoepen ({component}): {ratio:.1f} keer zo luid als toen het gezond was.",
    "diagnosis-twice": "Bij {frequency_hz:.0f} Hz hoor je dat het niet in lijn staat ({component}): {ratio:.1f} keer zo luid als toen het gezond was.",
    "diagnosis-jaw": "Bij {frequency_hz:.0f} Hz slaan de klauwen ({component}): {ratio:.1f} keer zo luid als toen het gezond was.",
    "diagnosis-bearing": "Bij {frequency_hz:.0f} Hz, een ritme van het lager ({component}), tikt het {ratio:.1f} keer zo hard als toen het gezond was.",
    "diagnosis-knock": "Bij {frequency_hz:.1f} Hz, één keer per omwenteling ({component}), is het {ratio:.1f} keer zo luid als toen het gezond was.",
    "diagnosis-knocks": "Het tikt in een ritme van {frequency_hz:.1f} Hz ({component}), {ratio:.1f} keer zo hard als toen het gezond was.",
    "diagnosis-belt": "Bij {frequency_hz:.1f} Hz loopt de riem rond ({component}): {ratio:.1f} keer zo luid als toen het gezond was.",
    "diagnosis-physics": "De tikken bij {frequency_hz:.1f} Hz ({component}) steken {ratio:.0f} keer uit boven wat eromheen ligt.",
    "mark-mesh": "tandingrijping",
    "mark-turn": "één per omwenteling",
    "mark-blade": "schoepen passeren",
    "mark-twice": "uit lijn",
    "mark-jaw": "klauwen slaan",
    "mark-bearing": "lager tikt",
    "mark-knock": "één tik per omwenteling",
    "mark-knocks": "tikken",
    "mark-belt": "riem loopt rond",
    "mark-physics": "tikken",
    "forecast-remaining": "In dit tempo gaat het nog ongeveer {hours_h:.1f} uur mee; negen van de tien keer tussen {low_h:.1f} en {high_h:.1f}.",
    "forecast-none": "Hoe lang het meegaat is nog niet te zeggen: er groeit niets gestaag.",
    "watch-begins": "Er begint iets te veranderen, nog onder het alarm: we blijven kijken.",
    "sensor-stuck": "Sensor {sensor} geeft steeds dezelfde waarde: controleer hem en zijn kabel.",
    "sensor-saturated": "Sensor {sensor} zit aan het eind van zijn bereik: controleer zijn bereik en bevestiging.",
    "sensor-dropped-out": "Sensor {sensor} zegt niets: controleer zijn kabel en voeding.",
    "sensor-unplugged": "Sensor {sensor} geeft alleen ruis, alsof hij los is: controleer zijn kabel.",
    "sensor-spikes": "Sensor {sensor} geeft pieken die geen machine maakt: controleer zijn contacten en kabel.",
    "sensor-clock-jump": "De klok van sensor {sensor} verspringt: controleer de klok van zijn knooppunt.",
    "sensor-swapped": "Sensor {sensor} en een andere lijken verwisseld: controleer de kabels.",
    "sensor-moved": "Sensor {sensor} hoort alles anders, alsof hij verplaatst is: controleer waar hij zit en of hij vast zit.",
}
