// The new part beside the old one as rows of a table: what changed comes first.
import { duration, euro, number, sizeText } from "./format";
import type { Words } from "./lang/en";
import type { Case } from "./messages";
import type { Language } from "./state.svelte";

export type Row = { key: string; name: string; old: string; now: string; changed: boolean };

export const sizeRows = (one: Case, words: Words, language: Language): Row[] => {
  if (!one.order) return [];
  const before = one.order.previous?.sizes ?? {}, known = Object.keys(before).length > 0;
  const sizes = Object.entries(one.order.sizes).map(([key, value]) => {
    const now = sizeText(key, value, language), old = key in before ? sizeText(key, before[key], language) : "";
    return { key, name: words.sizes[key] ?? key.replace(/_(mm|deg)$/, "").replaceAll("_", " "), old, now, changed: known && old !== now };
  });
  const was = one.order.previous?.material;
  const material = { key: "material", name: words.material, old: was ?? "", now: one.order.material, changed: was !== undefined && was !== one.order.material };
  const mark = { key: "mark", name: words.engraved, old: "", now: one.order.mark || words.noMark, changed: false };
  return [...sizes, material, mark].sort((a, b) => Number(b.changed) - Number(a.changed));
};

export const lifeRow = (one: Case, words: Words, language: Language): Row[] => {
  if (!one.life) return [];
  const hours = (value: number): string => `${number(value, language, value < 10 ? 1 : 0)} ${language === "nl" ? "u" : "h"}`;
  const old = hours(one.life.old_h), now = hours(one.life.life_h);
  return [{ key: "life", name: words.life, old, now, changed: old !== now }];
};

export const costRows = (one: Case, words: Words, language: Language): Row[] => {
  const rows: Row[] = [];
  const { cost } = one;
  if (cost?.print_s) {
    const money = cost.print_eur === null ? "" : `${euro(cost.print_eur, language)} · `;
    rows.push({ key: "print", name: words.toPrint, old: "", now: `${money}${duration(cost.print_s, language)}`, changed: false });
  }
  if (cost?.buy?.eur !== undefined)
    rows.push({ key: "buy", name: words.toBuy, old: "", now: `${euro(cost.buy.eur, language)} · ${words.days(cost.buy.lead_time_days ?? 0)}`, changed: false });
  return rows;
};

/** The few rows that a wall has room for: what changed, the life, the cost; then the other sizes. */
export const wallRows = (one: Case, words: Words, language: Language): Row[] => {
  const sizes = sizeRows(one, words, language);
  const told = [...sizes.filter((row) => row.changed), ...lifeRow(one, words, language), ...costRows(one, words, language)];
  return [...told, ...sizes.filter((row) => !row.changed)].slice(0, 3);
};
