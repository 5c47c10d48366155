// Where the names stand beside the machine: near what they name, on nothing else.
export interface Named { id: string; x: number; y: number; wide: number; rank: number }
export interface Label { id: string; x: number; y: number; fromX: number; fromY: number; toX: number; toY: number }
export interface Box { left: number; top: number; right: number; bottom: number }
export interface Room { width: number; top: number; bottom: number; rem: number; bodies: Box[] }

const STEPS = [2.4, 3.4, 4.6, 6, 7.6, 9.4, 11.4, 13.6]; // rem between a thing and its name
const SHIFTS = [-0.5, -0.8, -0.2, -1.1, 0.1, -1.6, 0.6]; // of its own width
const common = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) * Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
const crosses = (box: Box, x1: number, y1: number, x2: number, y2: number): boolean => {
  for (let at = 0; at <= 16; at++) {
    const x = x1 + ((x2 - x1) * at) / 16, y = y1 + ((y2 - y1) * at) / 16;
    if (x > box.left && x < box.right && y > box.top && y < box.bottom) return true;
  }
  return false;
};

/** Place the names in the order of their rank; one that finds no free place is left out. */
export const placeLabels = (things: Named[], room: Room, most: number): Label[] => {
  const { rem } = room, high = 1.7 * rem, gap = 0.4 * rem;
  const boxes: Box[] = [], labels: Label[] = [];
  const place = (one: Named, x: number, y: number): { label: Label; box: Box; cost: number } | undefined => {
    const box = { left: x - gap, top: y - gap / 2, right: x + one.wide + gap, bottom: y + high + gap / 2 };
    if (box.left < 0 || box.right > room.width || box.top < room.top || box.bottom > room.bottom) return undefined;
    const fromX = Math.max(x + 0.6 * rem, Math.min(one.x, x + one.wide - 0.6 * rem)), fromY = y < one.y ? y + high : y;
    if (boxes.some((other) => common(box, other) || crosses(other, fromX, fromY, one.x, one.y))) return undefined;
    if (labels.some((other) => crosses(box, other.fromX, other.fromY, other.toX, other.toY))) return undefined;
    const covered = room.bodies.reduce((sum, body) => sum + common(box, body), 0) / (one.wide * high);
    if (covered > 0.35 && one.rank > 0) return undefined;
    const cost = Math.hypot(fromX - one.x, fromY - one.y) / rem + 24 * covered + 1.5 * Math.abs(fromX - one.x) / rem;
    return { label: { id: one.id, x, y, fromX, fromY, toX: one.x, toY: one.y }, box, cost };
  };
  for (const one of [...things].sort((a, b) => a.rank - b.rank)) {
    if (labels.length >= most) break;
    const wishes = STEPS.flatMap((step) => [-1, 1].flatMap((sign) => SHIFTS.map((shift) => place(one, one.x + shift * one.wide, one.y + sign * step * rem - high / 2))));
    const best = wishes.filter((wish) => wish !== undefined).sort((a, b) => a.cost - b.cost)[0];
    if (!best) continue;
    boxes.push(best.box);
    labels.push(best.label);
  }
  return labels;
};
