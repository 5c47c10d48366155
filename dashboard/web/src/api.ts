// The only file that fetches.
import type {
  Case, Duel, Family, Figures, Live, Machine, Past, Preview, PrintRoom, Round, Savings, SensorGrade, Session, Stretch, ThreadEntry, Verdict,
} from "./messages";

let hubAhead_ms = 0;
/** Seconds since 1970 on the hub's clock. */
export const hubNow_s = (): number => (Date.now() + hubAhead_ms) / 1000;

const ask = async (path: string, options: RequestInit = {}): Promise<Response> => {
  const answer = await fetch(`/api/${path}`, options);
  const date = Date.parse(answer.headers.get("date") ?? "");
  if (date && Math.abs(date - Date.now()) > 2000) hubAhead_ms = date - Date.now();
  if (!answer.ok) {
    const problem = (await answer.json().catch(() => ({}))) as { detail?: string };
    throw new Error(problem.detail ?? `${answer.status}`);
  }
  return answer;
};
const get = async <T>(path: string): Promise<T> => (await ask(path)).json() as Promise<T>;
let csrf = "";
const send = (path: string, word: object): Promise<Response> => {
  const headers = { "content-type": "application/json", "x-csrf-token": csrf };
  return ask(path, { method: "POST", headers, body: JSON.stringify(word) });
};
const say = async (path: string, word: object): Promise<void> => void (await send(path, word));
const id = encodeURIComponent;

export const session = async (): Promise<Session> => {
  const found = await get<Session>("session");
  csrf = found.csrf;
  return found;
};
export const logIn = (name: string, password: string): Promise<void> => say("session", { name, password });
export const logOut = async (): Promise<void> => {
  await ask("session", { method: "DELETE", headers: { "x-csrf-token": csrf } });
};
export const machines = async (): Promise<Machine[]> =>
  (await get<{ machines: Machine[] }>("machines")).machines;
export const cases = async (): Promise<Case[]> => (await get<{ cases: Case[] }>("cases")).cases;
export const live = (machineId: string): Promise<Live> => get(`machines/${id(machineId)}/live`);
export const past = async (machineId: string, limit: number): Promise<Past[]> =>
  (await get<{ health: Past[] }>(`machines/${id(machineId)}/health?limit=${limit}`)).health;
export const stretch = (machineId: string, asked: { from?: number | null; until?: number | null; series?: string; points: number }): Promise<Stretch> => {
  const words = new URLSearchParams({ points: String(asked.points), series: asked.series ?? "score" });
  if (typeof asked.from === "number") words.set("from_s", String(asked.from));
  if (typeof asked.until === "number") words.set("until_s", String(asked.until));
  return get(`machines/${id(machineId)}/history?${words.toString()}`);
};
export const availability = async (from_s: number, until_s: number): Promise<Figures[]> =>
  (await get<{ machines: Figures[] }>(`availability?from_s=${from_s}&until_s=${until_s}`)).machines;
export const savings = (machineId: string): Promise<Savings> => get(`machines/${id(machineId)}/savings`);
export const thread = async (caseId: string): Promise<ThreadEntry[]> =>
  (await get<{ thread: ThreadEntry[] }>(`cases/${id(caseId)}/thread`)).thread;
export const stl = async (caseId: string): Promise<ArrayBuffer> =>
  (await ask(`cases/${id(caseId)}/part.stl`)).arrayBuffer();
export const preview = (caseId: string): Promise<Preview> => get(`cases/${id(caseId)}/preview`);

export const approve = (caseId: string, gcode_sha256: string): Promise<void> =>
  say(`cases/${id(caseId)}/approve`, { gcode_sha256, by: "operator" });
export const fitted = (caseId: string): Promise<void> =>
  say(`cases/${id(caseId)}/fitted`, { by: "operator" });
export const dismiss = (caseId: string, reason: string): Promise<void> =>
  say(`cases/${id(caseId)}/dismiss`, { reason, by: "operator" });
export const measured = (caseId: string, mass_g: number, sizes: Record<string, number>): Promise<void> =>
  say(`cases/${id(caseId)}/measured`, { mass_g, sizes, by: "operator" });
export const checkThread = (caseId: string): Promise<Verdict> => get(`cases/${id(caseId)}/thread/check`);

export const sensors = async (machineId: string): Promise<SensorGrade[]> =>
  (await get<{ sensors: SensorGrade[] }>(`machines/${id(machineId)}/sensors`)).sensors;
export const checkMachine = async (text: string): Promise<Verdict> =>
  (await send("machines/check", { text })).json() as Promise<Verdict>;

export const duel = (): Promise<Duel> => get("duel");
export const challenge = async (component: string, failure_mode: string, severity: number): Promise<Round> =>
  (await send("duel", { component, failure_mode, severity })).json() as Promise<Round>;

export const families = async (): Promise<Family[]> => (await get<{ families: Family[] }>("families")).families;
export const draw = async (family: string, sizes: Record<string, number | string>): Promise<ArrayBuffer> =>
  (await send(`families/${id(family)}/draw`, { sizes })).arrayBuffer();

export const printRoom = (): Promise<PrintRoom> => get("print-room");
export const clearBed = (name: string): Promise<void> => say(`printers/${id(name)}/bed-clear`, {});
export const loadSpool = (name: string, material: string, left_g: number): Promise<void> =>
  say(`printers/${id(name)}/spool`, { material, left_g });
export const cancelPrint = (caseId: string, reason: string): Promise<void> =>
  say(`cases/${id(caseId)}/cancel-print`, { reason, by: "operator" });
