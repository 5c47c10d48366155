// What the hub says, spelled as in Python.

export type Text = { en?: string; nl?: string };
export type State = "learning" | "normal" | "watch" | "alarm" | "sensor-fault" | "unknown";
export type CaseState =
  | "open" | "diagnosed" | "designed" | "verified" | "sliced" | "awaiting-approval" | "queued"
  | "printing" | "inspecting" | "awaiting-fit" | "proving" | "proven" | "not-healed" | "dismissed";
export type Sizes = Record<string, number | string>;

export interface Component {
  kind: string;
  name?: Text;
  shaft?: string;
  teeth?: number;
  mates?: string;
  belt?: string;
  jaws?: number;
  blades?: number;
  failure_modes?: Record<string, unknown>;
  rolling_elements?: number;
  position_mm?: [number, number, number];
  replace?: { print?: { family: string; material: string; sizes?: Sizes }; buy?: { article?: string; price_eur?: number; lead_time_days?: number }; adjust?: { instruction?: Text } };
}
export interface SensorSpec {
  quantity: string;
  unit: string;
  rate_hz?: number;
  role?: "condition";
  name?: Text;
  position_mm?: [number, number, number];
}
export interface Shaft { nominal_rpm?: number; speed?: string; driven_by?: string; ratio?: number }
export interface MachineFile {
  id: string;
  learn_s?: number;
  name?: Text;
  shafts?: Record<string, Shaft>;
  sensors: Record<string, SensorSpec>;
  components?: Record<string, Component>;
}
export interface Health {
  machine_id: string;
  t_s: number;
  state: State;
  score_ratio: number;
  component?: string | null;
  learnt_ratio?: number;
  component_ratios?: Record<string, number>;
  sensor?: string | null;
  sensor_fault?: string | null;
}
export interface Machine {
  id: string;
  name: Text;
  file: MachineFile;
  health: Health | null;
  nodes: { node: string; state: string; age_s: number }[];
  last_data_s: number | null;
  learnings?: { why: string; by?: string; from_s: number; until_s: number }[];
}
export interface Job {
  id: string;
  state: string;
  progress_ratio?: number;
  layer?: number;
  layers?: number;
  gcode_sha256?: string;
  duration_s?: number;
  mass_g?: number;
}
export interface Check { name: string; ok: boolean; found: string; wanted: string }
export interface Order {
  family: string;
  material: string;
  sizes: Sizes;
  generation?: number;
  mark?: string;
  previous?: { material?: string; sizes?: Sizes } | null;
  why?: Text[];
}
export interface Case {
  id: string;
  machine_id: string;
  component: string | null;
  group?: string[];
  failure_mode: string | null;
  state: CaseState;
  opened_s: number;
  updated_s: number;
  sentence: Text;
  reasons: Text[];
  confidence: number | null;
  steps: { step: string; at_s: number; elapsed_s: number }[];
  order: Order | null;
  jobs: Job[];
  gcode_sha256?: string | null;
  verification?: { ok: boolean; checks?: Check[] } | null;
  gate?: { ok: boolean; refusals?: { line: number; reason: string }[] } | null;
  inspection?: { verdict: string; reason: string; checks?: Check[] } | null;
  proof?: { healed: boolean; score_before_ratio: number; score_after_ratio: number } | null;
  approval?: { by?: string } | null;
  action?: string | null;
  reason?: string | null;
  stl_sha256?: string | null;
  sliced?: { layers?: number; slicer?: string } | null;
  life?: { old_h: number; life_h: number; gain_ratio?: number } | null;
  cost?: Cost | null;
  links?: { follows?: string | null };
  feedback?: { component: string | null; failure_mode: string | null; reason?: string; by?: string } | null;
}
/** What is marked in a spectrum; the one that gave it away has a name. */
export interface Mark { frequency_hz: number; order: string; name: Text | null }
export interface Sum { cases: number; standstill_h: number; eur: number }
export interface Savings { ours: Sum; ghost: Sum; basis: "simulated" | "estimated" }
export interface Cost {
  print_eur: number | null;
  print_s: number | null;
  mass_g: number | null;
  buy: { article?: string; eur?: number; lead_time_days?: number } | null;
  standstill_eur_per_h: number;
  reasons?: Text[];
}
export interface Live {
  machine_id?: string;
  t_s: number;
  age_s: number;
  wave: { sensor: string; rate_hz: number; samples: number[] } | null;
  spectrum: { sensor: string; hz_per_bin: number; magnitudes: number[] } | null;
  marks: Mark[];
  values: Record<string, number | null>;
  units: Record<string, string>;
}
export type Past = { t_s: number; state: State; score_ratio: number | null; component: string | null };
export type Preview = { layer_mm: number; layers: (number | [number, number])[][][] };
export type Session = {
  name: string;
  role: Role;
  csrf: string;
  can_act: boolean;
  needs_log_in: boolean;
  loopback: boolean;
  build: string;
};
export type ThreadEntry = Record<string, unknown>;
export interface SensorGrade extends Gauged { id: string; unit: string; quantity: string }
export interface Round {
  id: string; component: string; failure_mode: string; severity: number; asked_s: number; broken_s: number | null;
  state: "waiting" | "listening" | "hit" | "miss" | "unknown" | "refused";
  case_id: string | null; found: { component: string | null; failure_mode: string | null } | null;
}
export interface Duel {
  machine_id: string | null;
  choices: { component: string; failure_modes: string[] }[];
  waiting: number;
  score: { hit: number; miss: number; unknown: number };
  rounds: Round[];
}
export interface SizeInfo { name: string; unit: string; default: number | string; min: number | null; max: number | null }
export interface Family { family: string; sizes: SizeInfo[] }
export interface Printer {
  name: string; kind: string; status: { state: string }; materials: string[]; bed_is_clear: boolean;
  spool: { material: string; left_g: number } | null;
}
export interface PrintRoom { printers: Printer[]; jobs: (Job & { case_id?: string; printer?: string })[] }
export interface Verdict { ok: boolean; problems: string[] }
/** What a stretch of time says of a machine. */
export interface Figures {
  machine_id: string; name: Text; watched_h: number; judged_h: number; spent_s: Record<string, number>; availability_ratio: number | null;
  cases: number; proven: number; false: number; false_per_1000_h: number | null; false_most_per_1000_h: number | null;
}
export interface Stretch {
  machine_id: string; series: string; names: string[]; unit: string; first_s: number; last_s: number; from_s: number; until_s: number;
  rows: number; every_s: number; points: { t_s: number; state: State; value: number | null }[];
  cases: { id: string; component: string | null; failure_mode: string | null; state: CaseState; opened_s: number; ended_s: number | null; false: boolean }[];
  figures: Figures;
}

export type Role = "visitor" | "operator" | "admin";
export type Why = "maintenance" | "repair" | "new-product";
export interface Account { name: string; role: Role }
export interface Token { id: string; role: Role; until_s: number }
export interface Notify {
  channels: { name: string; to: string }[]; quiet_from_h: number | null; quiet_until_h: number | null; is_quiet: boolean;
}
export interface CaseList { cases: Case[]; next: string | null; counts: Partial<Record<CaseState, number>> }
/** What a change of a machine file asks for, as dotted keys. */
export interface Change { now: string[]; next_learning: string[]; relearn: string[]; edge: string[] }
export interface FileCheck extends Verdict { changed: Change | null }
export interface Saved { version: number; changed: Change; learn_s: number }
export interface MachineText {
  text: string; version: number; in_use: number; offered: string | null;
  versions: { version: number; by: string | null; at_s: number | null }[];
}
export interface Learnt {
  closes?: boolean;
  learnt: { component: string; failure_mode: string | null; right: number; wrong: number; times: number }[];
}
export interface Gauged {
  age_s: number | null; count: number; rate_hz: number | null; wanted_hz: number | null; per_s: number | null; late_s: number | null;
  last: number | null; low: number | null; high: number | null; noise: number | null; checks: Record<string, string>; grade: string;
}
export interface Arrival extends Gauged {
  machine: string; node: string; sensor: string; kind: "wave" | "value"; known: boolean; problem: string | null; age_s: number;
}
export interface BrokerPlace { host: string; port: number; near: boolean; accounts: boolean; site: string }
type Bins = { hz_per_bin: number; magnitudes: number[] };
export interface SensorLive extends Gauged {
  machine_id: string; sensor: string; unit: string; quantity: string; is_wave: boolean; is_condition: boolean; t_s: number | null;
  state: State | null; learnt_ratio: number | null; wave: { rate_hz: number; samples: number[] } | null; spectrum: Bins | null; envelope: Bins | null; values: number[];
  lines: { frequency_hz: number; order: number; shaft: string; is_envelope: boolean; components: string[]; modes: string[]; name: Text }[];
  features: { name: string; series: string; value: number; low: number | null; high: number | null; unit: string; zone: "A" | "B" | "C" | "D" | null }[];
  evidence: { component: string; ratio: number }[];
}
export interface ColumnLook { name: string; looks: "time" | "number" | "date" | "text" | "empty"; samples: string[] }
export interface BacktestRun {
  id: string; state: "waiting" | "running" | "done" | "failed"; place: number; problem: string | null;
  result: {
    machine: string; start_s: number; windows: number; every_s: number; points: { t_s: number; state: State; value: number | null }[];
    cases: { component: string | null; failure_mode: string | null; opened_s: number; closed_s: number | null; confidence: number; action: string; reasons: Text[] }[];
    certainty: {
      enough: "ok" | "short" | "learnt-little" | "nothing-learnt"; learnt_windows: number; learnt_s: number; judged_h: number;
      asked_per_year: number; supported_per_year: number | null; most_per_1000_h: number | null;
    };
  } | null;
}
