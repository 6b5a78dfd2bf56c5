// What the server tells of its own accord, over one connection for all tabs of the browser.

export interface Told {
  /** `open` and `lost`: the connection; `job` and `removed`: as docs/http.md has them. */
  kind: "open" | "lost" | "job" | "removed";
  data?: string;
}

type Hear = (told: Told) => void;
const AGAIN_MS = 2000;

/** Try at once what would be tried in a while: the server wants no token any more. */
export let retry = (): void => undefined;

export function listen(hear: Hear): void {
  try {
    shared(hear);
  } catch {
    alone(hear); // there are no shared workers here, or they are forbidden
  }
}

function shared(hear: Hear): void {
  let port: MessagePort;
  const open = () => {
    port = new SharedWorker(new URL("./events-worker.ts", import.meta.url), { type: "module" }).port;
    port.onmessage = (event: MessageEvent<Told>) => hear(event.data);
  };
  open();
  retry = () => port.postMessage("again");
  addEventListener("pagehide", () => port.postMessage("bye"));
  // A page that comes back whole from the browser's memory has said goodbye.
  addEventListener("pageshow", (event) => event.persisted && open());
}

/** Where tabs cannot share, as on some phones, only the one that is seen listens. */
function alone(hear: Hear): void {
  let source: EventSource | null = null;
  const close = () => {
    source?.close();
    source = null;
  };
  const open = () => {
    if (source || document.hidden) return;
    source = new EventSource("/v1/events");
    source.onopen = () => hear({ kind: "open" });
    for (const kind of ["job", "removed"] as const) {
      source.addEventListener(kind, (event) => hear({ kind, data: (event as MessageEvent<string>).data }));
    }
    source.onerror = () => {
      close();
      hear({ kind: "lost" });
      setTimeout(open, AGAIN_MS);
    };
  };
  retry = open;
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  open();
}
