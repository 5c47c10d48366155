// The machine in 3D: every piece in the colour of its health, turning at the true ratio.
import {
  Box3, BoxGeometry, Color, EdgesGeometry, Group, InstancedMesh, LineBasicMaterial, LineSegments, Mesh,
  MeshBasicMaterial, MeshStandardMaterial, Object3D, Sphere, Vector3,
} from "three";
import type { MachineFile } from "../messages";
import { loopsOf, motorsOf, piecesOf, rodsOf, type Loop, type Piece } from "./layout";
import { block, halo, jaws, motor, rod } from "./shapes";
import { calm, Stage } from "./stage";
import { TURNS_PER_S } from "./turning";

export type Tone = "healthy" | "watch" | "sick" | "new" | "grey";
export type Spot = { id: string; x: number; y: number };
export type Body = { left: number; top: number; right: number; bottom: number };
const COLOURS: Record<Tone, number> = { healthy: 0x3dd68c, watch: 0xffb547, sick: 0xff5f52, new: 0x5cc4ff, grey: 0x7d8896 };
const METAL = new Color(0x78828f);

interface Drawn { piece: Piece; group: Group; body: MeshStandardMaterial; edge: LineBasicMaterial; tone: Tone }

export class MachineScene {
  private readonly stage: Stage;
  private readonly drawn = new Map<string, Drawn>();
  private readonly spinning: { thing: Object3D; ratio: number }[] = [];
  private readonly belts: { loop: Loop; links: InstancedMesh; material: MeshStandardMaterial; shift: number }[] = [];
  private readonly halos: Mesh[] = [];
  private readonly sphere = new Sphere();
  private readonly corners: Vector3[] = [];
  private suspect: string | null = null;
  private clock_s = 0;
  speed_ratio = 1;
  moving = true;
  onSpots: (spots: Spot[], bodies: Body[]) => void = () => undefined;

  constructor(canvas: HTMLCanvasElement, private readonly file: MachineFile) {
    this.stage = new Stage(canvas);
    const pieces = piecesOf(file);
    pieces.forEach((piece) => this.addPiece(piece));
    for (const one of rodsOf(file, pieces)) this.addPlain(rod(one.radius, one.length), one.at, 0x8b96a5, one.ratio);
    for (const one of motorsOf(file, pieces)) this.addPlain(motor(one.length, 36), one.at, 0x5a6675, 0);
    for (const loop of loopsOf(file, pieces)) this.addBelt(loop);
    Object.values(file.sensors).forEach((sensor) => {
      if (sensor.position_mm) this.addPlain(block(11, 8, 11), sensor.position_mm, 0xdfe7f1, 0);
    });
    new Box3().setFromObject(this.stage.scene).getBoundingSphere(this.sphere);
    for (const thing of this.stage.scene.children) this.addCorners(new Box3().setFromObject(thing));
    this.stage.onFrame = (elapsed_s) => this.turn(elapsed_s);
    this.stage.onSize = () => this.frame();
    this.frame();
  }

  private addCorners(box: Box3): void {
    if (box.isEmpty()) return;
    for (let corner = 0; corner < 8; corner++)
      this.corners.push(new Vector3(
        (corner & 1 ? box.max : box.min).x, (corner & 2 ? box.max : box.min).y, (corner & 4 ? box.max : box.min).z,
      ));
  }

  private addPlain(geometry: ReturnType<typeof rod>, at: [number, number, number], colour: number, ratio: number): void {
    const mesh = new Mesh(geometry, new MeshStandardMaterial({ color: colour, roughness: 0.5, metalness: 0.45 }));
    mesh.position.set(...at);
    if (ratio) this.spinning.push({ thing: mesh, ratio });
    this.stage.scene.add(mesh);
  }

  private addPiece(piece: Piece): void {
    const body = new MeshStandardMaterial({ color: METAL, roughness: 0.36, metalness: 0.55 });
    const edge = new LineBasicMaterial({ transparent: true, opacity: 0.75 });
    const group = new Group();
    group.add(new Mesh(piece.geometry, body), new LineSegments(new EdgesGeometry(piece.geometry, 32), edge));
    const component = this.file.components?.[piece.id];
    if (component?.kind === "coupling") {
      const metal = new MeshStandardMaterial({ color: 0x4a5563, roughness: 0.5, metalness: 0.5 });
      group.add(new Mesh(jaws(component.jaws ?? 3, piece.radius * 1.7, 12), metal));
    }
    group.position.set(...piece.at);
    group.rotation.x = piece.phase;
    if (piece.ratio) this.spinning.push({ thing: group, ratio: piece.ratio });
    this.stage.scene.add(group);
    this.drawn.set(piece.id, { piece, group, body, edge, tone: "grey" });
  }

  private addBelt(loop: Loop): void {
    const count = 96;
    const material = new MeshStandardMaterial({ color: METAL, roughness: 0.8 });
    const links = new InstancedMesh(new BoxGeometry(loop.width, 2.2, 3.2), material, count);
    links.frustumCulled = false;
    this.stage.scene.add(links);
    this.belts.push({ loop, links, material, shift: 0 });
    this.moveBelt(this.belts.length - 1, 0);
  }

  private moveBelt(index: number, turned: number): void {
    const belt = this.belts[index];
    if (!belt) return;
    const { loop, links } = belt;
    const [ay, az, ar] = loop.a, [by, bz, br] = loop.b;
    const distance = Math.hypot(by - ay, bz - az), heading = Math.atan2(by - ay, bz - az);
    const lean = Math.acos(Math.max(-1, Math.min(1, (ar - br) / distance)));
    const straight = Math.sqrt(Math.max(0, distance ** 2 - (ar - br) ** 2));
    const onA = ar * (2 * Math.PI - 2 * lean), onB = br * 2 * lean;
    const length = 2 * straight + onA + onB;
    belt.shift = (belt.shift + turned * loop.ratio) % length;
    const link = new Object3D();
    for (let at = 0; at < links.count; at++) {
      let s = (((at / links.count) * length + belt.shift) % length + length) % length;
      let z: number, y: number, angle: number;
      const out = (radius: number, cz: number, cy: number, turn: number): void => {
        z = cz + radius * Math.cos(turn); y = cy + radius * Math.sin(turn); angle = turn;
      };
      z = y = angle = 0;
      if (s < onA) out(ar, az, ay, heading + lean + s / ar);
      else if ((s -= onA) < straight) {
        out(ar, az, ay, heading - lean);
        z += s * Math.cos(heading - lean + Math.PI / 2);
        y += s * Math.sin(heading - lean + Math.PI / 2);
      } else if ((s -= straight) < onB) out(br, bz, by, heading - lean + s / br);
      else {
        s -= onB;
        out(br, bz, by, heading + lean);
        z += s * Math.cos(heading + lean + Math.PI / 2);
        y += s * Math.sin(heading + lean + Math.PI / 2);
      }
      link.position.set(loop.x, y, z);
      link.rotation.set(Math.PI / 2 - angle, 0, 0);
      link.updateMatrix();
      links.setMatrixAt(at, link.matrix);
    }
    links.instanceMatrix.needsUpdate = true;
  }

  /** Colour every component; the suspect pulses. */
  paint(tones: Record<string, Tone>, suspect: string | null, faded: boolean): void {
    const shade = (colour: Color, tone: Tone): void => {
      const strength = tone === "sick" || tone === "new" ? 0.9 : tone === "grey" ? 0 : tone === "watch" ? 0.6 : 0.2;
      colour.copy(METAL).lerp(new Color(COLOURS[tone]), faded ? strength * 0.15 : strength);
    };
    for (const [id, one] of this.drawn) {
      one.tone = tones[id] ?? "grey";
      shade(one.body.color, one.tone);
      one.edge.color.set(faded ? COLOURS.grey : COLOURS[one.tone]);
    }
    for (const belt of this.belts) shade(belt.material.color, tones[belt.loop.id] ?? "grey");
    if (suspect !== this.suspect) this.mark(suspect);
    for (const ring of this.halos) (ring.material as MeshBasicMaterial).color.set(COLOURS[tones[suspect ?? ""] ?? "sick"]);
    this.moving = !faded;
  }

  private mark(suspect: string | null): void {
    this.suspect = suspect;
    for (const ring of this.halos.splice(0)) {
      this.stage.scene.remove(ring);
      ring.geometry.dispose();
    }
    const one = suspect ? this.drawn.get(suspect) : undefined;
    if (!one) return;
    for (let at = 0; at < 3; at++) {
      const material = new MeshBasicMaterial({ transparent: true, depthWrite: false, depthTest: false });
      const ring = new Mesh(halo(one.piece.radius * 1.15), material);
      ring.position.copy(one.group.position);
      this.halos.push(ring);
      this.stage.scene.add(ring);
    }
  }

  private turn(elapsed_s: number): void {
    this.clock_s += elapsed_s;
    if (this.moving && !calm()) {
      const turned = elapsed_s * TURNS_PER_S * 2 * Math.PI * this.speed_ratio;
      for (const { thing, ratio } of this.spinning) thing.rotation.x += turned * ratio;
      this.belts.forEach((_, index) => this.moveBelt(index, turned));
    }
    this.halos.forEach((ring, index) => {
      const phase = calm() ? (index + 1) / 4 : (this.clock_s * 0.45 + index / 3) % 1;
      ring.scale.setScalar(1 + phase * 0.9);
      (ring.material as MeshBasicMaterial).opacity = 0.85 * (1 - phase);
    });
    const one = this.suspect ? this.drawn.get(this.suspect) : undefined;
    for (const other of this.drawn.values()) other.body.emissive.set(0);
    if (one) one.body.emissive.set(COLOURS[one.tone]).multiplyScalar(calm() ? 0.3 : 0.25 + 0.2 * Math.sin(this.clock_s * 4));
  }

  /** Put the camera where the whole machine just fills the picture. */
  private frame(): void {
    const { camera } = this.stage;
    if (!this.corners.length) return;
    const away = new Vector3(-0.6, 0.36, 1).normalize();
    const high = Math.tan((camera.fov * Math.PI) / 360), wide = high * camera.aspect;
    const target = this.sphere.center.clone(), point = new Vector3(), right = new Vector3(), up = new Vector3();
    let distance = this.sphere.radius * 3;
    for (let round = 0; round < 10; round++) {
      camera.position.copy(target).addScaledVector(away, distance);
      camera.lookAt(target);
      camera.updateMatrixWorld();
      const low = [Infinity, Infinity], top = [-Infinity, -Infinity];
      for (const corner of this.corners) {
        point.copy(corner).project(camera);
        low[0] = Math.min(low[0] ?? 0, point.x); low[1] = Math.min(low[1] ?? 0, point.y);
        top[0] = Math.max(top[0] ?? 0, point.x); top[1] = Math.max(top[1] ?? 0, point.y);
      }
      const [lx = 0, ly = 0] = low, [tx = 0, ty = 0] = top;
      right.setFromMatrixColumn(camera.matrixWorld, 0);
      up.setFromMatrixColumn(camera.matrixWorld, 1);
      target.addScaledVector(right, ((lx + tx) / 2) * wide * distance).addScaledVector(up, ((ly + ty) / 2) * high * distance);
      distance *= Math.max((tx - lx) / 2 / 0.93, (ty - ly) / 2 / 0.97);
    }
    this.tell();
  }

  private tell(): void {
    const point = new Vector3();
    const spots = [...this.drawn].map(([id, one]) => ({ id, at: one.group.position }));
    for (const { loop } of this.belts)
      spots.push({ id: loop.id, at: new Vector3(loop.x, (loop.a[0] + loop.b[0]) / 2, (loop.a[1] + loop.b[1]) / 2 + loop.b[2]) });
    this.onSpots(spots.map(({ id, at }) => {
      point.copy(at).project(this.stage.camera);
      return { id, x: (point.x + 1) / 2, y: (1 - point.y) / 2 };
    }), this.bodies());
  }

  /** Where things stand in the picture, so that no name is written over them. */
  private bodies(): Body[] {
    const point = new Vector3(), found: Body[] = [];
    for (let first = 0; first + 8 <= this.corners.length; first += 8) {
      const body = { left: 1, top: 1, right: 0, bottom: 0 };
      for (const corner of this.corners.slice(first, first + 8)) {
        point.copy(corner).project(this.stage.camera);
        const x = (point.x + 1) / 2, y = (1 - point.y) / 2;
        body.left = Math.min(body.left, x); body.right = Math.max(body.right, x);
        body.top = Math.min(body.top, y); body.bottom = Math.max(body.bottom, y);
      }
      found.push(body);
    }
    return found;
  }

  retell(): void { this.tell(); }
  close(): void { this.stage.close(); }
}
