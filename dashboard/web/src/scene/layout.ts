// Where everything stands and how big it is, from nothing but the machine file.
import type { BufferGeometry } from "three";
import type { Component, MachineFile } from "../messages";
import * as shapes from "./shapes";
import { ratioOf } from "./turning";

export type Place = [number, number, number];
export interface Piece { id: string; at: Place; radius: number; ratio: number; geometry: BufferGeometry; phase: number }
export interface Rod { at: Place; length: number; radius: number; ratio: number }
export interface Loop { id: string; x: number; width: number; a: [number, number, number]; b: [number, number, number]; ratio: number }

const size = (component: Component, key: string, fallback: number): number => {
  const found = component.replace?.print?.sizes?.[key];
  return typeof found === "number" ? found : fallback;
};

const placesOf = (file: MachineFile): Map<string, Place> => {
  const places = new Map<string, Place>();
  const rows = new Map<string, number>();
  Object.entries(file.components ?? {}).forEach(([id, component]) => {
    if (component.position_mm) return void places.set(id, component.position_mm);
    const row = component.shaft ?? "";
    const order = [...Object.keys(file.shafts ?? {}), ""].indexOf(row);
    const column = rows.get(row) ?? 0;
    rows.set(row, column + 1);
    places.set(id, [column * 80, -order * 90, 0]);
  });
  return places;
};

const moduleOf = (file: MachineFile, component: Component, places: Map<string, Place>, id: string): number => {
  const known = size(component, "module_mm", 0);
  if (known) return known;
  const mate = component.mates ? file.components?.[component.mates] : undefined;
  const a = places.get(id), b = component.mates ? places.get(component.mates) : undefined;
  if (mate?.teeth && component.teeth && a && b)
    return (2 * Math.hypot(a[1] - b[1], a[2] - b[2])) / (component.teeth + mate.teeth) || 1.5;
  return 1.5;
};

const shapeOf = (file: MachineFile, id: string, component: Component, places: Map<string, Place>): [BufferGeometry, number] => {
  const teeth = component.teeth ?? 20;
  switch (component.kind) {
    case "gear": {
      const module = moduleOf(file, component, places, id);
      return [shapes.gear(teeth, module, size(component, "width_mm", 12), size(component, "bore_mm", 8)), (teeth * module) / 2 + module];
    }
    case "pulley":
      return [shapes.pulley(teeth, size(component, "belt_width_mm", 9), size(component, "bore_mm", 6)), teeth / Math.PI + 3];
    case "impeller":
    case "rotor": {
      const outer = size(component, "outer_mm", 70);
      return [shapes.impeller(component.blades ?? 6, outer, size(component, "hub_mm", outer * 0.3), size(component, "height_mm", 16)), outer / 2];
    }
    case "coupling": {
      const outer = size(component, "outer_mm", 40);
      return [shapes.spider(size(component, "lobes", 6), outer * 1.08, size(component, "thickness_mm", 12)), outer * 0.55];
    }
    case "rolling-bearing":
      return [shapes.bearing(39, 8, component.rolling_elements ?? 9), 27];
    case "plain-bearing":
      return [shapes.bushing(size(component, "bore_mm", 10), size(component, "outer_mm", 14) * 1.5, size(component, "length_mm", 12), size(component, "flange_mm", 20) * 1.5), 15];
    case "roller":
      return [shapes.rod(22, 110), 22];
    default:
      return [shapes.block(76, 14, 60), 34];
  }
};

/** All pieces; the belts apart, since they are drawn around their pulleys. */
export const piecesOf = (file: MachineFile): Piece[] => {
  const places = placesOf(file);
  const turned = new Set<string>();
  return Object.entries(file.components ?? {}).filter(([, component]) => component.kind !== "belt").map(([id, component]) => {
    const [geometry, radius] = shapeOf(file, id, component, places);
    const at = [...(places.get(id) ?? [0, 0, 0])] as Place;
    if (component.kind === "roller") at[0] = rollerMiddle(file, component, places) ?? at[0];
    const still = ["other", "plain-bearing", "valve", "pump"].includes(component.kind);
    const mate = component.mates && turned.has(component.mates);
    turned.add(id);
    let ratio = still ? 0 : ratioOf(file, component.shaft);
    let phase = 0;
    if (component.kind === "gear" && mate) {
      ratio = -ratio; // a pair turns against each other, a tooth in a gap
      phase = Math.PI / (component.teeth ?? 20);
    }
    return { id, at, radius, ratio, geometry, phase };
  });
};

const rollerMiddle = (file: MachineFile, roller: Component, places: Map<string, Place>): number | undefined => {
  const xs = Object.entries(file.components ?? {})
    .filter(([, other]) => other.kind === "plain-bearing" && other.shaft === roller.shaft)
    .map(([id]) => places.get(id)?.[0] ?? 0);
  return xs.length > 1 ? (Math.min(...xs) + Math.max(...xs)) / 2 : undefined;
};

/** One rod for each shaft, as long as what stands on it. */
export const rodsOf = (file: MachineFile, pieces: Piece[]): Rod[] =>
  Object.keys(file.shafts ?? {}).flatMap((shaft) => {
    const mine = pieces.filter((piece) => file.components?.[piece.id]?.shaft === shaft && piece.ratio !== 0);
    const first = mine[0];
    if (!first) return [];
    const xs = mine.map((piece) => piece.at[0]);
    const low = Math.min(...xs) - 16, high = Math.max(...xs) + 16;
    const at: Place = [(low + high) / 2, first.at[1], first.at[2]];
    return [{ at, length: high - low, radius: 4.5, ratio: first.ratio }];
  });

/** Where a driven shaft leaves room for its motor: the widest gap on a shaft with its own speed. */
export const motorsOf = (file: MachineFile, pieces: Piece[]): { at: Place; length: number }[] =>
  Object.entries(file.shafts ?? {}).filter(([, shaft]) => !shaft.driven_by).flatMap(([name]) => {
    const mine = pieces.filter((piece) => file.components?.[piece.id]?.shaft === name && piece.ratio !== 0)
      .sort((a, b) => a.at[0] - b.at[0]);
    let widest: { at: Place; length: number } | undefined;
    mine.forEach((piece, index) => {
      const next = mine[index + 1];
      const gap = next ? next.at[0] - piece.at[0] : 0;
      if (next && gap > 70 && gap > (widest?.length ?? 0) + 38)
        widest = { at: [(piece.at[0] + next.at[0]) / 2, piece.at[1], piece.at[2]], length: gap - 38 };
    });
    return widest ? [widest] : [];
  });

/** Each belt with the two wheels that it runs on: [y, z, radius]. */
export const loopsOf = (file: MachineFile, pieces: Piece[]): Loop[] =>
  Object.entries(file.components ?? {}).filter(([, one]) => one.kind === "belt").flatMap(([id]) => {
    const [a, b] = pieces.filter((piece) => file.components?.[piece.id]?.belt === id);
    if (!a || !b) return [];
    const component = file.components?.[a.id];
    const width = component ? size(component, "belt_width_mm", 9) : 9;
    const speed = a.ratio * (a.radius - 3);
    return [{ id, x: a.at[0], width, a: [a.at[1], a.at[2], a.radius - 2], b: [b.at[1], b.at[2], b.radius - 2], ratio: speed }];
  });
