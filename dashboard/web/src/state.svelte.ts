// What the page knows now; filled by the API and the stream, read by all components.
import * as api from "./api";
import { duration, number } from "./format";
import type { Words } from "./lang/en";
import type { MoreWords } from "./lang/more-en";
import { listen } from "./live";
import type { Case, CaseList, CaseState, Health, Live, Machine, MachineFile, Past, Savings, Session, Text } from "./messages";

export type Language = "en" | "nl";
export const STALE_S = 2.5; // said before the third second is over
const LINGER_S = 25;
const ENDED: CaseState[] = ["proven", "not-healed", "dismissed"];
const kept = (key: string): string | null => {
  try { return localStorage.getItem(key); } catch { return null; }
};
const keep = (key: string, value: string): void => {
  try { localStorage.setItem(key, value); } catch { /* a page without storage forgets */ }
};
const search = new URLSearchParams(location.search);
const asked = search.get("lang") ?? kept("lang") ?? navigator.language.slice(0, 2);
const light = (): boolean => matchMedia("(prefers-color-scheme: light)").matches;

class Page {
  language = $state<Language>(asked === "nl" ? "nl" : "en");
  theme = $state<"dark" | "light">(((search.get("theme") ?? kept("theme")) as "dark" | "light" | null) ?? (location.pathname === "/" || !light() ? "dark" : "light"));
  path = $state(location.pathname);
  now_s = $state(api.hubNow_s());
  session = $state<Session | null>(null);
  machines = $state.raw<Machine[]>([]);
  cases = $state.raw<Case[]>([]); // the newest hundred
  counts = $state.raw<CaseList["counts"]>({});
  live = $state.raw<Record<string, { data: Live; at_s: number }>>({});
  past = $state.raw<Past[]>([]);
  savings = $state.raw<Savings | null>(null);
  loaded = $state(false);
  reachable = $state(true);
  words = $state.raw<Words & MoreWords>({} as Words & MoreWords); // filled before the page is mounted
  private needsMore = false;
  machine = $derived<Machine | undefined>(this.pick());
  heard = $derived(this.machine ? this.live[this.machine.id] : undefined);
  /** How old the newest data is; grows by itself when nothing comes. */
  age_s = $derived(this.heard ? Math.max(0, this.heard.data.age_s + this.now_s - this.heard.at_s)
    : this.machine?.last_data_s ? Math.max(0, this.now_s - this.machine.last_data_s) : 0);
  stale = $derived(this.age_s > STALE_S || !this.reachable);
  /** The case that the wall is about: the newest open one, or one that has just ended. */
  current = $derived<Case | undefined>(
    this.cases.find((one) => !ENDED.includes(one.state)) ??
      this.cases.find((one) => one.state !== "dismissed" && this.now_s - one.updated_s < LINGER_S),
  );

  private pick(): Machine | undefined {
    const open = this.cases.find((one) => !ENDED.includes(one.state));
    return this.machines.find((one) => one.id === open?.machine_id) ?? this.machines[0];
  }
  fileOf(one: Case): MachineFile | undefined {
    return this.machines.find((machine) => machine.id === one.machine_id)?.file;
  }
  say(text: Text | undefined | null, fallback = ""): string {
    return text?.[this.language] ?? text?.en ?? text?.nl ?? fallback;
  }
  nameOf(component: string | null | undefined): string {
    if (!component) return "";
    return this.say(this.machine?.file.components?.[component]?.name, component.replaceAll("-", " "));
  }
  sensorName(sensor: string): string {
    return this.say(this.machine?.file.sensors[sensor]?.name, sensor);
  }
  /** How often something comes: so many a second, or one in so long. */
  pace(per_s: number): string {
    return per_s < 0.5 ? this.words.everySo(duration(1 / per_s, this.language)) : this.words.perSecond(number(per_s, this.language, 1));
  }
  go(path: string): void {
    history.pushState(null, "", path);
    this.path = path;
    scrollTo(0, 0);
  }
  /** Fetch the catalogue of a language, then speak it. */
  async speak(language: Language): Promise<void> {
    const [words, more] = await Promise.all([
      language === "nl" ? import("./lang/nl").then((found) => found.nl) : import("./lang/en").then((found) => found.en),
      !this.needsMore ? {} : language === "nl" ? import("./lang/more-nl").then((found) => found.nlMore) : import("./lang/more-en").then((found) => found.enMore),
    ]);
    this.words = { ...words, ...more } as Words & MoreWords;
    this.language = language;
  }
  /** Fetch the words of the student's pages and the history too; they stay. */
  async readMore(): Promise<void> {
    if (this.needsMore) return;
    this.needsMore = true;
    await this.speak(this.language);
  }
  /** Ask the hub again who this page is: after a log-in, or when a role or password changed. */
  async whoAmI(): Promise<void> {
    this.session = await api.session();
  }
  switchLanguage(): void {
    const next = this.language === "nl" ? "en" : "nl";
    keep("lang", next);
    void this.speak(next);
  }
  switchTheme(): void {
    this.theme = this.theme === "dark" ? "light" : "dark";
    keep("theme", this.theme);
  }

  start(): () => void {
    let fetching = false, again = false, beat_ms = performance.now();
    const refresh = async (): Promise<void> => {
      if (fetching) { again = true; return; }
      fetching = true;
      try {
        const [machines, cases, session] = await Promise.all([api.machines(), api.cases(), api.session()]);
        if (this.session?.build && session.build && session.build !== this.session.build) location.reload();
        this.machines = machines;
        this.cases = cases.cases;
        this.counts = cases.counts;
        this.session = session;
        this.loaded = this.reachable = true;
        if (this.machine) {
          this.past = await api.past(this.machine.id, 240);
          this.savings = await api.savings(this.machine.id);
        }
      } catch {
        this.reachable = false;
      }
      fetching = false;
      if (again) { again = false; setTimeout(refresh, 250); }
    };
    const stop = listen({
      onOpen: () => void refresh(),
      onBeat: () => { beat_ms = performance.now(); this.reachable = true; },
      onLive: (data) => {
        const machine = data.machine_id ?? this.machine?.id;
        if (machine) this.live = { ...this.live, [machine]: { data, at_s: api.hubNow_s() } };
      },
      onHealth: (health: Health) => {
        if (!this.machines.some((one) => one.id === health.machine_id)) return void refresh();
        this.machines = this.machines.map((one) => one.id === health.machine_id ? { ...one, health } : one);
        const { t_s, state, score_ratio, component } = health;
        this.past = [...this.past.slice(-239), { t_s, state, score_ratio, component: component ?? null }];
      },
      onCase: () => void refresh(),
      onJob: (data) => {
        const id = data["id"] ?? data["job_id"];
        let known = false;
        this.cases = this.cases.map((one) => one.jobs.some((job) => job.id === id)
          ? { ...one, jobs: one.jobs.map((job) => job.id === id ? (known = true, { ...job, ...data, id: job.id }) : job) }
          : one);
        if (!known) void refresh();
      },
    });
    const tick = setInterval(() => {
      this.now_s = api.hubNow_s();
      if (performance.now() - beat_ms > 6000) this.reachable = false;
    }, 250);
    const slow = setInterval(() => void refresh(), 10_000);
    const back = (): void => { this.path = location.pathname; };
    addEventListener("popstate", back);
    return () => { stop(); clearInterval(tick); clearInterval(slow); removeEventListener("popstate", back); };
  }
}

export const page = new Page();
export const isEnded = (state: CaseState): boolean => ENDED.includes(state);
