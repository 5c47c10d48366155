// Shapes of machine parts, all turning about the x axis, sizes in mm.
import {
  BoxGeometry, BufferGeometry, CylinderGeometry, ExtrudeGeometry, LatheGeometry, Path, Shape, SphereGeometry,
  TorusGeometry, Vector2,
} from "three";
import { mergeGeometries } from "three/examples/jsm/utils/BufferGeometryUtils.js";

const alongX = (shape: Shape, width: number, bevel = 0): BufferGeometry => {
  const geometry = new ExtrudeGeometry(shape, {
    depth: width, curveSegments: 24, bevelEnabled: bevel > 0, bevelSize: bevel, bevelThickness: bevel, bevelSegments: 1,
  });
  geometry.translate(0, 0, -width / 2);
  geometry.rotateY(Math.PI / 2);
  return geometry;
};
const hole = (shape: Shape, radius: number, x = 0, y = 0): void => {
  const path = new Path();
  path.absarc(x, y, radius, 0, 2 * Math.PI, true);
  shape.holes.push(path);
};
const join = (parts: BufferGeometry[]): BufferGeometry =>
  mergeGeometries(parts.map((part) => (part.index ? part.toNonIndexed() : part)));

/** A toothed outline: flat tips, sloped flanks; addendum 1, dedendum 1.25 (ISO 53). */
export const gear = (teeth: number, module: number, width: number, bore: number): BufferGeometry => {
  const pitch = (teeth * module) / 2, tip = pitch + module, root = pitch - 1.25 * module;
  const step = (2 * Math.PI) / teeth;
  const shape = new Shape();
  const corners: [number, number][] = [[root, -0.31], [pitch, -0.25], [tip, -0.13], [tip, 0.13], [pitch, 0.25], [root, 0.31]];
  for (let tooth = 0; tooth < teeth; tooth++)
    corners.forEach(([radius, part], corner) => {
      const angle = (tooth + part) * step;
      const point: [number, number] = [radius * Math.cos(angle), radius * Math.sin(angle)];
      if (tooth === 0 && corner === 0) shape.moveTo(...point);
      else shape.lineTo(...point);
    });
  hole(shape, bore / 2);
  if (root > 4 * bore / 2 + 6)
    for (let spoke = 0; spoke < 6; spoke++) {
      const angle = (spoke * Math.PI) / 3, middle = (root + bore / 2) / 2;
      hole(shape, (root - bore / 2) * 0.2, middle * Math.cos(angle), middle * Math.sin(angle));
    }
  return alongX(shape, width);
};

export const rod = (radius: number, length: number, sides = 32): BufferGeometry => {
  const geometry = new CylinderGeometry(radius, radius, length, sides);
  geometry.rotateZ(Math.PI / 2);
  return geometry;
};

export const ring = (outer: number, bore: number, width: number): BufferGeometry => {
  const shape = new Shape();
  shape.absarc(0, 0, outer, 0, 2 * Math.PI, false);
  hole(shape, bore);
  return alongX(shape, width);
};

export const bearing = (pitch: number, ball: number, count: number): BufferGeometry => {
  const parts = [
    ring(pitch / 2 + ball * 0.85, pitch / 2 + ball * 0.45, ball * 1.6),
    ring(pitch / 2 - ball * 0.45, pitch / 2 - ball * 0.85, ball * 1.6),
  ];
  for (let at = 0; at < count; at++) {
    const angle = (at / count) * 2 * Math.PI;
    const sphere = new SphereGeometry(ball / 2, 12, 8);
    sphere.translate(0, (pitch / 2) * Math.cos(angle), (pitch / 2) * Math.sin(angle));
    parts.push(sphere);
  }
  return join(parts);
};

export const impeller = (blades: number, outer: number, hub: number, height: number): BufferGeometry => {
  const parts = [rod(hub / 2, height)];
  for (let blade = 0; blade < blades; blade++) {
    const box = new BoxGeometry(1.8, outer / 2 - hub / 2 + 1, height * 1.35);
    box.rotateY(0.75);
    box.translate(0, (outer / 2 + hub / 2) / 2, 0);
    box.rotateX((blade / blades) * 2 * Math.PI);
    parts.push(box);
  }
  return join(parts);
};

/** The spider in blue-print: lobes between the jaws of two hubs. */
export const spider = (lobes: number, outer: number, thickness: number): BufferGeometry => {
  const parts = [rod(outer * 0.28, thickness)];
  for (let lobe = 0; lobe < lobes; lobe++) {
    const box = new BoxGeometry(thickness, outer * 0.32, outer * 0.19);
    box.translate(0, outer * 0.35, 0);
    box.rotateX((lobe / lobes) * 2 * Math.PI);
    parts.push(box);
  }
  return join(parts);
};

export const jaws = (count: number, outer: number, thickness: number): BufferGeometry => {
  const parts: BufferGeometry[] = [];
  for (const side of [-1, 1]) {
    const hub = rod(outer / 2, outer * 0.4);
    hub.translate(side * (thickness / 2 + outer * 0.2), 0, 0);
    parts.push(hub);
    for (let jaw = 0; jaw < count; jaw++) {
      const box = new BoxGeometry(thickness, outer * 0.2, outer * 0.2);
      box.translate(0, outer * 0.4, 0);
      box.rotateX(((jaw + (side > 0 ? 0.25 : 0.75)) / count) * 2 * Math.PI);
      parts.push(box);
    }
  }
  return join(parts);
};

export const pulley = (teeth: number, width: number, bore: number): BufferGeometry => {
  const radius = teeth / Math.PI; // GT2: pitch 2 mm
  const parts = [gear(teeth, (2 * radius) / teeth / 1.35, width + 1, bore)];
  for (const side of [-1, 1]) {
    const flange = ring(radius + 2.5, bore / 2, 1.5);
    flange.translate(side * (width / 2 + 1), 0, 0);
    parts.push(flange);
  }
  return join(parts);
};

export const bushing = (bore: number, outer: number, length: number, flange: number): BufferGeometry => {
  const points = [[bore / 2, 0], [flange / 2, 0], [flange / 2, 3], [outer / 2, 3], [outer / 2, length], [bore / 2, length], [bore / 2, 0]];
  const geometry = new LatheGeometry(points.map(([x = 0, y = 0]) => new Vector2(x, y)), 40);
  geometry.translate(0, -length / 2, 0);
  geometry.rotateZ(Math.PI / 2);
  return geometry;
};

/** A motor's body with cooling ribs. */
export const motor = (length: number, radius: number): BufferGeometry => {
  const parts = [rod(radius * 0.9, length, 48)];
  for (let at = 0; at < 22; at++) {
    const rib = new BoxGeometry(length * 0.86, radius * 0.12, radius * 0.055);
    rib.translate(0, radius * 0.95, 0);
    rib.rotateX((at / 22) * 2 * Math.PI);
    parts.push(rib);
  }
  for (const side of [-1, 1]) {
    const cap = rod(radius, length * 0.07, 48);
    cap.translate((side * length) / 2, 0, 0);
    parts.push(cap);
  }
  const box = new BoxGeometry(length * 0.3, radius * 0.35, radius * 0.6);
  box.translate(0, radius * 1.1, 0);
  const foot = new BoxGeometry(length * 0.8, radius * 0.18, radius * 1.9);
  foot.translate(0, -radius * 1.02, 0);
  return join([...parts, box, foot]);
};

export const block = (x: number, y: number, z: number): BufferGeometry => new BoxGeometry(x, y, z);
export const halo = (radius: number): BufferGeometry => {
  const geometry = new TorusGeometry(radius, Math.max(0.5, radius * 0.014), 8, 64);
  geometry.rotateY(Math.PI / 2);
  return geometry;
};
