// The time beneath a chart, in the reader's language: as coarse as the distance between two ticks.
import { locale } from "./format";
import type { Language } from "./state.svelte";

const DAY_S = 86_400;

export const timeTicks = (splits: number[], language: Language): string[] => {
  const step = (splits[1] ?? 0) - (splits[0] ?? 0);
  const say = (options: Intl.DateTimeFormatOptions, seconds: number): string =>
    new Intl.DateTimeFormat(locale(language), options).format(seconds * 1000);
  let before = "";
  return splits.map((seconds) => {
    const day = say({ day: "numeric", month: "short" }, seconds);
    if (step >= DAY_S) return day;
    const clock = say({ hour: "2-digit", minute: "2-digit", ...(step < 60 ? { second: "2-digit" } : {}) }, seconds);
    const text = day === before ? clock : `${clock}\n${day}`;
    before = day;
    return text;
  });
};

/** Break a line where more than three usual steps are missing: nobody knows what was between. */
export const withGaps = (points: { t_s: number; value: number | null }[], every_s: number): { x: number[]; y: (number | null)[] } => {
  const x: number[] = [], y: (number | null)[] = [];
  points.forEach((point, at) => {
    const before = points[at - 1];
    if (before && every_s > 0 && point.t_s - before.t_s > 3 * every_s) { x.push((before.t_s + point.t_s) / 2); y.push(null); }
    x.push(point.t_s);
    y.push(point.value);
  });
  return { x, y };
};
