// The only file that opens the live stream.
import type { Health, Live } from "./messages";

export interface Ears {
  onLive: (data: Live) => void;
  onHealth: (data: Health) => void;
  onCase: () => void;
  onJob: (data: Record<string, unknown>) => void;
  onOpen: () => void;
  onBeat: () => void;
}

/** Open the stream; it reconnects by itself. Returns how to close it.
 *
 * A page that the browser keeps for its back button lets go of its line: a browser opens six to one host.
 */
export const listen = (ears: Ears): (() => void) => {
  let source: EventSource;
  let again: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source = new EventSource("/api/stream");
    const on = (event: string, then: (data: never) => void): void =>
      source.addEventListener(event, (message) => {
        ears.onBeat();
        then(JSON.parse((message as MessageEvent<string>).data) as never);
      });
    on("hello", ears.onOpen);
    on("beat", () => undefined);
    on("live", ears.onLive);
    on("health", ears.onHealth);
    on("case", ears.onCase);
    on("job", ears.onJob);
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return;
      clearTimeout(again);
      again = setTimeout(open, 2000);
    };
  };
  const close = (): void => {
    clearTimeout(again);
    source.close();
  };
  const back = (event: PageTransitionEvent): void => { if (event.persisted) open(); };
  open();
  addEventListener("pagehide", close);
  addEventListener("pageshow", back);
  return () => {
    removeEventListener("pagehide", close);
    removeEventListener("pageshow", back);
    close();
  };
};
