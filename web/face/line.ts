// The line to the house: ticket, websocket, hello, numbered commands, and
// coming back by itself.
import { protocol, type Acts, type Answer, type FromServer, type Hello, type Refusal, type Resume, type Welcome } from "./wire.ts";

/** Why the line is over for good. */
export type End = "over" | "removed" | "gone" | "left" | "banned";

/** What became of a command. Neither field: it is done. */
export interface Outcome {
  refused?: Refusal;
  lost?: boolean; // the line ended first
}

/** Words of ours that the house has taken. */
export interface Said {
  n: number;
  seq: number; // 0: not known
  text: string;
}

export interface LineEvents {
  hello(): Pick<Hello, "name" | "pronouns" | "listen" | "first"> & { resume?: Resume };
  welcome(w: Welcome): void;
  frame(f: FromServer): void;
  down(moving: boolean): void;
  turnedAway(r: Refusal): void; // before the first welcome
  vanished(said: Said[]): void; // acknowledged work is gone, these words with it
  end(why: End, say?: string): void;
}

interface Waiting {
  act: keyof Acts;
  with: object;
  done(o: Outcome): void;
}

const silence = 40_000; // no frame for so long: the line is down
const opening = 10_000; // from ticket to welcome
const mostWait = 15_000;
const askAgain = 1000;
const mostSaid = 20;
const passing = ["unavailable", "restarting", "slow-down", "fault", "too-many"];
const over = ["room-over", "no-such-aside"];
const seatLost = ["no-seat", "not-seated", "not-found"];
const endings: Record<number, End> = { 1000: "left", 4403: "removed", 4405: "banned", 4410: "over" };

export class Line {
  live = false;
  receipt = ""; // to report with, after the seat has ended
  #on: LineEvents;
  #door: string; // where its tickets are
  #session = token();
  #ws: WebSocket | undefined;
  #n = 0; // last number that was acknowledged
  #said: Said[] = []; // the newest of them
  #queue: Waiting[] = []; // the first is in flight once #sent is set
  #sent = 0; // number in flight
  #attempt = 0; // tries since the line last stood
  #try = 0; // number of this try: an older one has no say any more
  #least = 0; // wait at least so long before the next try
  #moves = 0; // when the house we are at is gone; 0: it stays
  #since = 0;
  #met = false;
  #over = false;
  #timers = { next: 0, watch: 0, ask: 0 };

  constructor(handle: string, on: LineEvents, door = "ticket") {
    this.#door = `/c/${encodeURIComponent(handle)}/${door}`;
    this.#on = on;
    addEventListener("online", this.#hurry);
    document.addEventListener("visibilitychange", this.#hurry);
  }

  /** Asks for a ticket and opens the line. */
  async open(): Promise<void> {
    clearTimeout(this.#timers.next);
    this.#timers.next = 0;
    this.#watch(opening);
    const try_ = ++this.#try;
    try {
      const r = await fetch(this.#door, { method: "POST", cache: "no-store", signal: AbortSignal.timeout(opening) });
      const body = await r.json().catch(() => ({}));
      if (this.#over || this.#try !== try_) return;
      this.receipt = body.receipt || this.receipt;
      if (r.ok && typeof body.ticket === "string") this.#dial(body.ticket);
      else this.#noTicket(r.status, Number(r.headers.get("Retry-After")) || 0, body);
    } catch {
      if (this.#try === try_) this.#again();
    }
  }

  #noTicket(status: number, after: number, body: Partial<Refusal>): void {
    if (over.includes(body.code ?? "") || status === 410) this.#end("over", body.say);
    else if (body.code === "barred") this.#end("removed");
    else if (body.code === "banned") this.#end("banned");
    else if (seatLost.includes(body.code ?? "") || status === 401 || status === 404) this.#end("gone");
    else {
      this.#least = 1000 * Math.min(60, after);
      if (this.#met || status >= 429 || !body.say || !body.code) return this.#again();
      this.#drop();
      this.#on.turnedAway(body as Refusal);
    }
  }

  #dial(ticket: string): void {
    const ws = new WebSocket(`${location.protocol === "http:" ? "ws" : "wss"}://${location.host}/ws`, protocol);
    this.#ws = ws;
    ws.onopen = () => {
      const hello: Hello = { t: "hello", ticket, session: this.#session, ...this.#on.hello() };
      ws.send(JSON.stringify(hello));
    };
    ws.onmessage = (m) => {
      if (this.#ws !== ws) return;
      if (this.live) this.#watch(silence);
      this.#frame(JSON.parse(m.data) as FromServer);
    };
    ws.onclose = (c) => {
      if (this.#ws === ws) this.#closed(c.code);
    };
  }

  #frame(f: FromServer): void {
    switch (f.t) {
      case "welcome": return this.#welcome(f);
      case "answer": return this.#answer(f);
      case "moving":
        this.#moves = Date.now() + f.reconnectIn;
        return;
      case "state":
        this.#on.frame(f);
        return this.#count(f.last);
      case "refused":
        if (!this.live) {
          if (over.includes(f.refused.code)) return this.#end("over");
          if (f.refused.code === "barred") return this.#end("removed");
          if (passing.includes(f.refused.code)) return this.#again();
          this.#drop();
          return this.#on.turnedAway(f.refused);
        }
    }
    this.#on.frame(f);
  }

  #welcome(w: Welcome): void {
    this.live = this.#met = true;
    this.#since = Date.now();
    this.#least = this.#moves = 0;
    this.#watch(silence);
    this.#on.welcome(w);
    if (this.#sent && w.last >= this.#sent) this.#done({}, 0);
    this.#sent = 0;
    this.#count(w.last, w.state ? 0 : w.seq);
    this.#send();
  }

  #answer(a: Answer): void {
    if (a.n !== this.#sent) return;
    const code = a.refused?.code;
    if (code === "unavailable") { // nobody knows whether it was done: only the same again tells
      this.#on.frame({ t: "refused", refused: a.refused! });
      this.#timers.ask = setTimeout(() => this.#put(), askAgain);
      return;
    }
    // Where we counted on what is gone, it is asked anew.
    if (code !== "out-of-order" || a.n === a.last + 1) this.#done(a.refused ? { refused: a.refused } : {}, a.seq);
    this.#sent = 0;
    this.#count(a.last);
    this.#send();
  }

  /** Ends what is in flight, and remembers words that were taken. */
  #done(o: Outcome, seq?: number): void {
    const { with: what, done } = this.#queue.shift()!;
    if (seq !== undefined && "text" in what) this.#said = [...this.#said, { n: this.#sent, seq, text: String(what.text) }].slice(-mostSaid);
    done(o);
  }

  /** Goes on from the house's count. Where ours was higher, something is gone; what was said up to sure is not. */
  #count(last: number, sure = 0): void {
    const before = this.#n;
    this.#n = last;
    if (last >= before) return;
    const gone = this.#said.filter((s) => s.n > last && (!s.seq || s.seq > sure));
    this.#said = this.#said.filter((s) => s.n <= last);
    if (!sure || gone.length) this.#on.vanished(gone);
  }

  /** Asks for something; resolves when the room has answered, also across a dropped line. */
  do<A extends keyof Acts>(act: A, what: Acts[A]): Promise<Outcome> {
    if (this.#over) return Promise.resolve({ lost: true });
    return new Promise((done) => {
      this.#queue.push({ act, with: what, done });
      this.#send();
    });
  }

  /** Whether such an act waits for its answer already. */
  waits(act: keyof Acts): boolean {
    return this.#queue.some((w) => w.act === act);
  }

  #send(): void {
    if (!this.live || this.#sent || !this.#queue[0]) return;
    this.#sent = this.#n + 1;
    this.#put();
  }

  #put(): void {
    const { act, with: what } = this.#queue[0]!;
    this.#ws?.send(JSON.stringify({ t: "do", n: this.#sent, act, with: what }));
  }

  /** Tells a reaction, or that somebody is typing. May get lost. */
  signal<A extends "react" | "typing">(act: A, what: Acts[A]): void {
    if (this.live) this.#ws?.send(JSON.stringify({ t: "signal", act, with: what }));
  }

  #closed(code: number): void {
    const end = endings[code];
    if (end) return this.#end(end);
    if (this.live && Date.now() - this.#since > 5000) this.#attempt = 0;
    if (code === 4429) this.#least = 60_000;
    if (code === 4400) this.#least = mostWait; // our mistake: a newer page may do better
    if (code === 1009) this.#tooLong();
    this.#again();
  }

  /** Gives up what is in flight: said again it would be as long. */
  #tooLong(): void {
    if (this.#sent) this.#queue.shift()?.done({ lost: true });
    this.#sent = 0;
  }

  /** Tries again after a while, with full jitter so that a house full of people doesn't knock at once. */
  #again(): void {
    if (this.#over) return;
    this.#drop();
    this.#on.down(this.#moves > 0);
    const wait = Math.random() * Math.min(mostWait, 500 * 2 ** Math.min(this.#attempt++, 6));
    this.#timers.next = setTimeout(() => void this.open(), Math.max(this.#least, this.#moves - Date.now()) + wait);
    this.#least = 0;
  }

  #hurry = (): void => {
    if (this.#timers.next && document.visibilityState === "visible" && navigator.onLine) {
      clearTimeout(this.#timers.next);
      this.#timers.next = setTimeout(() => void this.open(), Math.random() * 500);
    }
  };

  #watch(within: number): void {
    clearTimeout(this.#timers.watch);
    this.#timers.watch = setTimeout(() => this.#again(), within);
  }

  #drop(): void {
    this.live = false;
    clearTimeout(this.#timers.watch);
    clearTimeout(this.#timers.ask);
    const ws = this.#ws;
    this.#ws = undefined;
    this.#try++;
    ws?.close();
  }

  #end(why: End, say?: string): void {
    if (this.#over) return;
    this.close();
    this.#on.end(why, say);
  }

  /** Closes for good. */
  close(): void {
    this.#over = true;
    this.#drop();
    clearTimeout(this.#timers.next);
    removeEventListener("online", this.#hurry);
    document.removeEventListener("visibilitychange", this.#hurry);
    for (const w of this.#queue.splice(0)) w.done({ lost: true });
  }
}

/** 128 random bits: names this tab until it is closed or loaded again. */
function token(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
