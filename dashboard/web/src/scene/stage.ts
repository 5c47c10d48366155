// One 3D picture in one canvas: light, camera, size, and a pace that suits the computer.
import {
  ACESFilmicToneMapping, DirectionalLight, HemisphereLight, PerspectiveCamera, Scene, WebGLRenderer,
} from "three";

export const calm = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Stage {
  readonly scene = new Scene();
  readonly camera = new PerspectiveCamera(28, 1, 1, 5000);
  private readonly renderer: WebGLRenderer;
  private readonly watcher: ResizeObserver;
  private readonly gl: WebGL2RenderingContext;
  private fence: WebGLSync | null = null;
  private frame = 0;
  private last_ms = 0;
  private gap_ms = 33;
  private detail = Math.min(devicePixelRatio, 2);
  onFrame: (elapsed_s: number) => void = () => undefined;
  onSize: () => void = () => undefined;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true, powerPreference: "low-power" });
    this.gl = this.renderer.getContext() as WebGL2RenderingContext;
    this.renderer.toneMapping = ACESFilmicToneMapping;
    this.renderer.setPixelRatio(this.detail);
    const key = new DirectionalLight(0xffffff, 2.6);
    key.position.set(-300, 500, 600);
    const rim = new DirectionalLight(0x9fc6ff, 1.4);
    rim.position.set(500, 200, -400);
    this.scene.add(new HemisphereLight(0xe6f0ff, 0x1a222c, 1.5), key, rim);
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(canvas.parentElement ?? canvas);
    this.resize();
    this.frame = requestAnimationFrame(this.draw);
  }

  private resize(): void {
    const box = (this.canvas.parentElement ?? this.canvas).getBoundingClientRect();
    if (box.width < 2 || box.height < 2) return;
    this.renderer.setSize(box.width, box.height, false);
    this.camera.aspect = box.width / box.height;
    this.camera.updateProjectionMatrix();
    this.onSize();
  }

  private readonly draw = (now_ms: number): void => {
    this.frame = requestAnimationFrame(this.draw);
    const passed_ms = now_ms - this.last_ms;
    if (!this.isDone(now_ms) || passed_ms < this.gap_ms || document.hidden) return;
    this.last_ms = now_ms;
    this.onFrame(Math.min(passed_ms, 250) / 1000);
    this.renderer.render(this.scene, this.camera);
    this.fence = this.gl.fenceSync(this.gl.SYNC_GPU_COMMANDS_COMPLETE, 0);
  };

  /** Whether the last picture is there: who draws without a graphics card gets fewer points and frames, so that the rest stays smooth. */
  private isDone(now_ms: number): boolean {
    if (!this.fence) return true;
    if (this.gl.getSyncParameter(this.fence, this.gl.SYNC_STATUS) !== this.gl.SIGNALED) return false;
    this.gl.deleteSync(this.fence);
    this.fence = null;
    const cost_ms = now_ms - this.last_ms;
    this.gap_ms = Math.min(250, Math.max(33, 2 * cost_ms));
    if (cost_ms > 50 && this.detail > 1) {
      this.detail = 1;
      this.renderer.setPixelRatio(1);
      this.resize();
    }
    return true;
  }

  close(): void {
    cancelAnimationFrame(this.frame);
    this.watcher.disconnect();
    this.scene.traverse((thing) => {
      const mesh = thing as { geometry?: { dispose(): void }; material?: { dispose?(): void } };
      mesh.geometry?.dispose();
      mesh.material?.dispose?.();
    });
    this.renderer.dispose();
  }
}
