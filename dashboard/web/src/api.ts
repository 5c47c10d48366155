// The only file that fetches.
import type {
  Account, Arrival, BacktestRun, BrokerPlace, Case, CaseList, ColumnLook, Duel, Family, Figures, FileCheck, Learnt, Live, Machine, MachineText, Notify, Past, Preview,
  PrintRoom, Role, Round, Saved, Savings, SensorGrade, SensorLive, Session, Stretch, ThreadEntry, Token, Verdict, Why,
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
const drop = async (path: string): Promise<void> => void (await ask(path, { method: "DELETE", headers: { "x-csrf-token": csrf } }));
const tell = async <T>(path: string, word: object): Promise<T> => (await send(path, word)).json() as Promise<T>;
const say = async (path: string, word: object): Promise<void> => void (await send(path, word));
const id = encodeURIComponent;

export const session = async (): Promise<Session> => {
  const found = await get<Session>("session");
  csrf = found.csrf;
  return found;
};
export const logIn = (name: string, password: string): Promise<void> => say("session", { name, password });
export const logOut = (): Promise<void> => drop("session");
export const changePassword = (old: string, fresh: string): Promise<void> => say("session/password", { old, new: fresh });

export const people = async (): Promise<Account[]> => (await get<{ people: Account[] }>("people")).people;
export const addPerson = (name: string, role: Role, password: string): Promise<void> => say("people", { name, role, password });
export const giveRole = (name: string, role: Role): Promise<void> => say(`people/${id(name)}/role`, { role });
export const givePassword = (name: string, password: string): Promise<void> => say(`people/${id(name)}/password`, { password });
export const removePerson = (name: string): Promise<void> => drop(`people/${id(name)}`);
export const tokens = async (): Promise<Token[]> => (await get<{ tokens: Token[] }>("tokens")).tokens;
export const addToken = async (role: Role, days: number): Promise<string> =>
  (await tell<{ token: string }>("tokens", { role, days })).token;
export const removeToken = (tokenId: string): Promise<void> => drop(`tokens/${id(tokenId)}`);
export const notify = (): Promise<Notify> => get("notify");
export const testCall = async (channel: string): Promise<Record<string, string>> =>
  (await tell<{ channels: Record<string, string> }>("notify/test", { channel })).channels;

export const machines = async (): Promise<Machine[]> =>
  (await get<{ machines: Machine[] }>("machines")).machines;
export const cases = (before?: string): Promise<CaseList> => get(`cases?limit=100${before ? `&before=${id(before)}` : ""}`);
export const oneCase = (caseId: string): Promise<Case> => get(`cases/${id(caseId)}`);
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
export const arriving = async (): Promise<Arrival[]> => (await get<{ arriving: Arrival[] }>("arriving")).arriving;
export const broker = (): Promise<BrokerPlace> => get("broker");
export const introduce = async (text: string): Promise<string> =>
  ((await (await send("machines", { text })).json()) as { id: string }).id;
export const sensor = (machineId: string, name: string, top_hz: number | null): Promise<SensorLive> =>
  get(`machines/${id(machineId)}/sensors/${id(name)}${top_hz === null ? "" : `?top_hz=${top_hz}`}`);
export const recording = async (machineId: string, seconds: number): Promise<Blob> =>
  (await ask(`machines/${id(machineId)}/recording?seconds=${seconds}`)).blob();
const upload = (path: string, body: Blob | string, type: string): Promise<Response> =>
  ask(path, { method: "POST", headers: { "content-type": type, "x-csrf-token": csrf }, body });
export const columnsOf = async (text: string): Promise<{ columns: ColumnLook[]; step_s: number | null; rows: number }> =>
  (await upload("backtest/columns", text, "text/csv")).json();
export const beginBacktest = async (file: File, isZip: boolean, plan: object): Promise<BacktestRun> =>
  (await upload(`backtest?plan=${id(JSON.stringify(plan))}`, file, isZip ? "application/zip" : "text/csv")).json();
export const backtest = (runId: string): Promise<BacktestRun> => get(`backtest/${id(runId)}`);
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
export const dismiss = (caseId: string, reason: string): Promise<Learnt> =>
  tell(`cases/${id(caseId)}/dismiss`, { reason, by: "operator" });
export const correct = (caseId: string, component: string, failure_mode: string | null, reason: string): Promise<Learnt> =>
  tell(`cases/${id(caseId)}/correct`, { component, failure_mode, reason, by: "operator" });
export const measured = (caseId: string, mass_g: number, sizes: Record<string, number>): Promise<void> =>
  say(`cases/${id(caseId)}/measured`, { mass_g, sizes, by: "operator" });
export const checkThread = (caseId: string): Promise<Verdict> => get(`cases/${id(caseId)}/thread/check`);

export const sensors = async (machineId: string): Promise<SensorGrade[]> =>
  (await get<{ sensors: SensorGrade[] }>(`machines/${id(machineId)}/sensors`)).sensors;
export const checkMachine = (text: string): Promise<FileCheck> => tell("machines/check", { text });
export const machineFile = (machineId: string): Promise<MachineText> => get(`machines/${id(machineId)}/file`);
export const machineFileVersion = async (machineId: string, version: number): Promise<string> =>
  (await get<{ text: string }>(`machines/${id(machineId)}/file/${version}`)).text;
export const saveMachine = (machineId: string, text: string): Promise<Saved> =>
  tell(`machines/${id(machineId)}/file`, { text, by: "operator" });
export const relearn = (machineId: string, why: Why): Promise<void> =>
  say(`machines/${id(machineId)}/relearn`, { why, by: "operator" });

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
