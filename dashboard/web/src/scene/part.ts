// The new part: its real mesh, and its real G-code growing layer by layer.
import {
  BufferAttribute, BufferGeometry, Color, ConeGeometry, DoubleSide, EdgesGeometry, GridHelper, Group, LineBasicMaterial,
  LineSegments, Mesh, MeshStandardMaterial, Vector3,
} from "three";
import type { Preview } from "../messages";
import { calm, Stage } from "./stage";

const NEW = 0x5cc4ff;

/** Read a binary STL: 80 bytes of header, a count, 50 bytes for each triangle. */
export const readStl = (bytes: ArrayBuffer): BufferGeometry => {
  const view = new DataView(bytes);
  const count = bytes.byteLength >= 84 ? Math.min(view.getUint32(80, true), Math.floor((bytes.byteLength - 84) / 50)) : 0;
  const points = new Float32Array(count * 9);
  for (let at = 0; at < count; at++)
    for (let k = 0; k < 9; k++) points[at * 9 + k] = view.getFloat32(84 + at * 50 + 12 + k * 4, true);
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(points, 3));
  geometry.computeVertexNormals();
  return geometry;
};

/** All printed lines as pairs of points; `ends[n]` is where layer n ends. */
export const readLayers = (preview: Preview): { points: Float32Array; ends: number[] } => {
  const points: number[] = [], ends: number[] = [];
  preview.layers.forEach((layer, index) => {
    const z = (index + 1) * preview.layer_mm;
    for (const line of layer) {
      const flat = (line as (number | number[])[]).flat();
      for (let at = 0; at + 3 < flat.length; at += 2)
        points.push(flat[at] ?? 0, flat[at + 1] ?? 0, z, flat[at + 2] ?? 0, flat[at + 3] ?? 0, z);
    }
    ends.push(points.length / 3);
  });
  return { points: new Float32Array(points), ends };
};

export class PartScene {
  private readonly stage: Stage;
  private readonly turntable = new Group();
  private readonly nozzle = new Mesh(new ConeGeometry(1, 3, 24), new MeshStandardMaterial({ color: 0xd5dde8, metalness: 0.7, roughness: 0.3 }));
  private readonly body = new MeshStandardMaterial({ color: NEW, roughness: 0.38, metalness: 0.1, transparent: true, side: DoubleSide, flatShading: true });
  private readonly outline = new LineBasicMaterial({ color: 0xcdeeff, transparent: true, opacity: 0.55 });
  private mesh: Mesh | null = null;
  private lines: LineSegments | null = null;
  private points: Float32Array = new Float32Array();
  private ends: number[] = [];
  private shown = 0;
  private goal = 1;
  private printing = false;
  private radius = 20;
  private height = 10;

  constructor(canvas: HTMLCanvasElement) {
    this.stage = new Stage(canvas);
    this.turntable.rotation.x = -Math.PI / 2; // printed upwards along z
    this.nozzle.rotation.x = -Math.PI / 2;
    this.nozzle.visible = false;
    this.turntable.add(this.nozzle);
    this.stage.scene.add(this.turntable);
    this.stage.onFrame = (elapsed_s) => this.step(elapsed_s);
    this.stage.onSize = () => this.frame();
  }

  setPart(bytes: ArrayBuffer): void {
    const geometry = readStl(bytes);
    geometry.computeBoundingBox();
    const box = geometry.boundingBox;
    if (!box || box.isEmpty()) return;
    const middle = box.getCenter(new Vector3());
    geometry.translate(-middle.x, -middle.y, -box.min.z);
    this.mesh?.removeFromParent();
    this.mesh = new Mesh(geometry, this.body);
    this.mesh.add(new LineSegments(new EdgesGeometry(geometry, 25), this.outline));
    this.turntable.add(this.mesh);
    this.size(box.max.x - box.min.x, box.max.y - box.min.y, box.max.z - box.min.z);
    this.show(this.printing, this.goal);
  }

  setLayers(preview: Preview): void {
    const { points, ends } = readLayers(preview);
    if (!points.length) return;
    const low = [Infinity, Infinity], high = [-Infinity, -Infinity];
    for (let at = 0; at < points.length; at += 3)
      for (const axis of [0, 1]) {
        low[axis] = Math.min(low[axis] ?? 0, points[at + axis] ?? 0);
        high[axis] = Math.max(high[axis] ?? 0, points[at + axis] ?? 0);
      }
    const cx = ((low[0] ?? 0) + (high[0] ?? 0)) / 2, cy = ((low[1] ?? 0) + (high[1] ?? 0)) / 2;
    const colours = new Float32Array(points.length);
    const dark = new Color(0x1b6f9e), lit = new Color(NEW), mixed = new Color();
    const top = ends.length * preview.layer_mm;
    for (let at = 0; at < points.length; at += 3) {
      points[at] = (points[at] ?? 0) - cx;
      points[at + 1] = (points[at + 1] ?? 0) - cy;
      mixed.copy(dark).lerp(lit, (points[at + 2] ?? 0) / top);
      mixed.toArray(colours, at);
    }
    const geometry = new BufferGeometry();
    geometry.setAttribute("position", new BufferAttribute(points, 3));
    geometry.setAttribute("color", new BufferAttribute(colours, 3));
    this.lines?.removeFromParent();
    this.lines = new LineSegments(geometry, new LineBasicMaterial({ vertexColors: true }));
    this.points = points;
    this.ends = ends;
    this.turntable.add(this.lines);
    if (!this.mesh) this.size((high[0] ?? 0) - (low[0] ?? 0), (high[1] ?? 0) - (low[1] ?? 0), top);
    this.show(this.printing, this.goal);
  }

  private size(x: number, y: number, z: number): void {
    this.radius = Math.hypot(x, y) / 2;
    this.height = z;
    const bed = new GridHelper(this.radius * 2.8, 14, 0x8496a8, 0x8496a8);
    bed.material.transparent = true; // as quiet on white as on black
    bed.material.opacity = 0.35;
    bed.rotation.x = Math.PI / 2;
    bed.position.z = -0.2;
    this.turntable.getObjectByName("bed")?.removeFromParent();
    bed.name = "bed";
    this.turntable.add(bed);
    this.nozzle.geometry.dispose();
    this.nozzle.geometry = new ConeGeometry(this.radius * 0.13, this.radius * 0.4, 24).translate(0, -this.radius * 0.2, 0).rotateX(Math.PI);
    this.nozzle.rotation.x = Math.PI / 2;
    this.frame();
  }

  /** `progress_ratio` of the print while it runs; the solid part otherwise. */
  show(printing: boolean, progress_ratio: number): void {
    if (printing && !this.printing) this.shown = 0;
    this.printing = printing;
    this.goal = progress_ratio;
    const lines = printing && this.lines !== null;
    if (this.lines) this.lines.visible = lines || !this.mesh;
    this.body.opacity = lines ? 0.07 : 1;
    this.body.depthWrite = !lines;
    this.outline.opacity = lines ? 0.12 : 0.5;
    this.nozzle.visible = lines;
  }

  private step(elapsed_s: number): void {
    if (!calm() && !this.printing) this.turntable.rotation.z += elapsed_s * 0.5;
    else if (!calm()) this.turntable.rotation.z += elapsed_s * 0.08;
    if (!this.lines) return;
    this.shown = this.printing ? this.shown + (this.goal - this.shown) * Math.min(1, elapsed_s * 3) : 1;
    const whole = this.shown * this.ends.length;
    const layer = Math.min(this.ends.length - 1, Math.floor(whole));
    const from = layer > 0 ? (this.ends[layer - 1] ?? 0) : 0, to = this.ends[layer] ?? 0;
    const until = 2 * Math.floor((from + (to - from) * Math.min(1, whole - layer)) / 2);
    this.lines.geometry.setDrawRange(0, until);
    const tip = Math.max(0, until - 1) * 3;
    this.nozzle.position.set(this.points[tip] ?? 0, this.points[tip + 1] ?? 0, (this.points[tip + 2] ?? 0) + 0.1);
  }

  private frame(): void {
    const { camera } = this.stage;
    const reach = Math.hypot(this.radius, this.height / 2) * 0.98;
    const half = (camera.fov * Math.PI) / 360;
    const wide = Math.atan(Math.tan(half) * camera.aspect);
    const away = new Vector3(0, 0.75, 1).normalize();
    const middle = new Vector3(0, this.height * 0.5, 0);
    camera.position.copy(middle).addScaledVector(away, reach / Math.sin(Math.min(half, wide)));
    camera.lookAt(middle);
  }

  close(): void { this.stage.close(); }
}
