// Shared by all tabs of a browser, which opens few connections to one server: one stream of events for all of them.

interface Port {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown): void;
}

const AGAIN_MS = 1000;
/** A server that is gone for long, or wants a token first, is asked less often. */
const LONGEST_MS = 15_000;
const ports = new Set<Port>();
let source: EventSource | null = null;
let isOpen = false;
let pause = AGAIN_MS;
let timer: ReturnType<typeof setTimeout> | undefined;

function tell(kind: string, data?: string): void {
  ports.forEach((port) => port.postMessage({ kind, data }));
}

function listen(): void {
  clearTimeout(timer);
  if (source) return;
  source = new EventSource("/v1/events");
  source.onopen = () => {
    isOpen = true;
    pause = AGAIN_MS;
    tell("open");
  };
  for (const kind of ["job", "removed"]) {
    source.addEventListener(kind, (event) => tell(kind, (event as MessageEvent<string>).data));
  }
  source.onerror = () => {
    source?.close();
    source = null;
    isOpen = false;
    tell("lost");
    timer = setTimeout(() => ports.size && listen(), pause);
    pause = Math.min(LONGEST_MS, 1.5 * pause);
  };
}

declare const self: { onconnect: (event: { ports: Port[] }) => void };

self.onconnect = ({ ports: [port] }) => {
  if (!port) return;
  ports.add(port);
  port.onmessage = ({ data }) => {
    if (data === "bye") ports.delete(port);
    else listen();
  };
  if (isOpen) port.postMessage({ kind: "open" });
  listen();
};

export {};
