// Where a case stands on the line of eleven stations, and how long each took.
import type { Case } from "./messages";

export const COUNT = 11;
const CURRENT: Record<string, number> = {
  open: 2, diagnosed: 3, designed: 4, verified: 5, sliced: 5, "awaiting-approval": 6, queued: 7, printing: 7,
  inspecting: 8, "awaiting-fit": 9, proving: 10, proven: 11, "not-healed": 10, dismissed: 11,
};
// A step is named after the state that it led to, so its time belongs to the work before it.
const DID: Record<string, number> = {
  open: 1, diagnosed: 2, designed: 3, verified: 4, sliced: 5, gated: 5, "awaiting-approval": 5, approved: 6,
  queued: 6, sent: 7, printing: 7, printed: 7, inspecting: 8, inspected: 8, fitted: 9, proving: 9,
  proven: 10, "not-healed": 10,
};
export type Station = { state: "done" | "now" | "todo" | "skipped"; elapsed_s: number | null };

export const stationsOf = (one: Case | undefined, now_s: number): Station[] => {
  const list: Station[] = Array.from({ length: COUNT }, () => ({ state: "todo", elapsed_s: null }));
  const sense = list[0];
  if (sense) sense.state = "done";
  if (!one) return list;
  const at = CURRENT[one.state] ?? 1;
  const visited = new Set([0, 1, at]);
  for (const step of one.steps) {
    const index = DID[step.step];
    const station = index === undefined ? undefined : list[index];
    if (!station || index === undefined) continue;
    visited.add(index);
    if (step.step !== "open") station.elapsed_s = (station.elapsed_s ?? 0) + step.elapsed_s;
  }
  const last = one.steps.at(-1);
  list.forEach((station, index) => {
    if (index < at) station.state = visited.has(index) ? "done" : "skipped";
    if (index === at) {
      station.state = "now";
      if (last) station.elapsed_s = (station.elapsed_s ?? 0) + Math.max(0, now_s - last.at_s);
    }
  });
  return list;
};
