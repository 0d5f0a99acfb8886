// The line to the desk: a socket that only tells, and requests that change.
import { onLeave } from "./quick.ts";
import type { DeskActive, DeskView } from "./deskwire.ts";
import type { Beat, Refusal } from "./wire.ts";

const protocol = "hearth.desk.v1";
const mostWait = 15_000;
const silence = 40_000; // no frame for so long: the line is down
const asking = 15_000; // an answer takes no longer
const out = [4401, 4403, 4404];

export interface LinkEvents {
  view(v: DeskView): void;
  line(up: boolean): void;
  out(): void;
}

export class DeskLink {
  #on: LinkEvents;
  #ws: WebSocket | undefined;
  #attempt = 0;
  #timer = 0;
  #watch = 0;
  #over = false;

  constructor(on: LinkEvents) {
    this.#on = on;
    onLeave(() => this.close());
    addEventListener("online", this.#hurry);
    document.addEventListener("visibilitychange", this.#hurry);
  }

  open(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const ws = new WebSocket(`${location.protocol === "http:" ? "ws" : "wss"}://${location.host}/desk/ws`, protocol);
    this.#ws = ws;
    this.#listen();
    ws.onmessage = (m) => {
      if (this.#ws !== ws) return;
      this.#listen();
      const v = JSON.parse(m.data) as DeskView | Beat;
      if (v.t !== "desk") return;
      this.#attempt = 0;
      this.#on.line(true);
      this.#on.view(v);
    };
    ws.onclose = (c) => {
      if (this.#ws === ws) this.#closed(c.code);
    };
  }

  /** Says that somebody is at work on a case that they have. */
  active(of: string): void {
    if (this.#ws?.readyState === WebSocket.OPEN) this.#ws.send(JSON.stringify({ t: "active", case: of } satisfies DeskActive));
  }

  close(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#watch);
    this.#ws?.close();
  }

  /** A line that says nothing for long is down, even if nobody was told. */
  #listen(): void {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => {
      const ws = this.#ws;
      this.#closed(0);
      ws?.close();
    }, silence);
  }

  #closed(code: number): void {
    this.#ws = undefined;
    clearTimeout(this.#watch);
    if (this.#over) return;
    this.#on.line(false);
    if (out.includes(code)) {
      this.#over = true;
      return this.#on.out();
    }
    const most = Math.min(mostWait, 1000 * 2 ** this.#attempt++);
    this.#timer = setTimeout(() => this.open(), most / 2 + (Math.random() * most) / 2);
  }

  readonly #hurry = (): void => {
    if (this.#timer && !document.hidden) this.open();
  };
}

/** What came of a request: an answer, a refusal, or a sign-in that is missing. */
export interface Came<T> {
  is?: T;
  no?: Refusal;
  signIn?: "fresh" | "again";
}

/** Asks the desk; with a body it is a change. */
export async function request<T>(path: string, body?: object): Promise<Came<T>> {
  const how: RequestInit = { cache: "no-store", signal: AbortSignal.timeout(asking), headers: { Accept: "application/json" } };
  if (body) Object.assign(how, { method: "POST", headers: { "Accept": "application/json", "Content-Type": "application/json" }, body: JSON.stringify(body) });
  try {
    const r = await fetch(path, how);
    if (r.redirected) return { signIn: new URL(r.url).searchParams.has("fresh") ? "fresh" : "again" };
    const said = r.status === 204 ? {} : await r.json();
    if (r.ok) return { is: said as T };
    if (said.code === "prove-it") return { signIn: "fresh" };
    if (said.code === "sign-in") return { signIn: "again" };
    return { no: said as Refusal };
  } catch {
    return {}; // no line, or an answer that is none
  }
}
