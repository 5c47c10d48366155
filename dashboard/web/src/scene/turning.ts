// How fast the machine turns, and how much slower it is drawn.
import type { MachineFile } from "../messages";

export const TURNS_PER_S = 0.3; // of the shaft with its own speed, slow enough for the eye to follow

/** Turns of a shaft per turn of the root of its drive. */
export const ratioOf = (file: MachineFile, shaft: string | undefined): number => {
  let ratio = 1;
  for (let name = shaft, hops = 0; name && hops < 20; hops++) {
    const found = file.shafts?.[name];
    ratio *= found?.ratio ?? 1;
    name = found?.driven_by;
  }
  return shaft ? ratio : 0;
};

/** How many times slower than life the picture turns. */
export const slowness = (rpm: number): number => Math.max(1, Math.round(rpm / 60 / TURNS_PER_S));

export const rpmOf = (file: MachineFile, values: Record<string, number | null>): number => {
  for (const [name, shaft] of Object.entries(file.shafts ?? {})) {
    const known = shaft.speed ? values[shaft.speed] : undefined;
    if (known) return known / ratioOf(file, name);
    if (shaft.nominal_rpm) return shaft.nominal_rpm;
  }
  return 0;
};
