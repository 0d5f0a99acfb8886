// One Hearth for one test: a data folder of its own, ports chosen by the
// kernel, and the links into a circle without an agenda.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Server as Listener, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Role = "facilitator" | "member" | "listener" | "moderator";

/**
 * The links into a circle. Each time that of a member or listener is read it is
 * a new one, for one person, who need not wait to be let in; shared has those
 * that several may use.
 */
export type Links = Record<Role, string> & { shared: Record<Role, string> };

export class Server {
  url = "";
  welcome = ""; // what makes the first admin
  links = {} as Links;
  #data = mkdtempSync(join(tmpdir(), "hearth-e2e-"));
  #args: string[];
  #formats = "";
  #process?: ChildProcess;
  #port = 0;

  constructor(...args: string[]) {
    this.#args = args;
  }

  /** A server with a format of its own beside the built-in ones. */
  static withFormat(name: string, toml: string): Server {
    const s = new Server();
    const folder = mkdtempSync(join(tmpdir(), "hearth-formats-"));
    writeFileSync(join(folder, `${name}.toml`), toml);
    s.#args = ["--formats", folder];
    s.#formats = folder;
    return s;
  }

  /** Starts, or starts again on the same data and port; resolves when it listens. */
  async start(): Promise<void> {
    this.#port ||= await freePort();
    const listen = `127.0.0.1:${this.#port}`;
    const bin = process.env.HEARTH_BIN;
    if (!bin) throw new Error("HEARTH_BIN names the built server; `make e2e` sets it");
    const child = spawn(bin, ["--data", this.#data, "--listen", listen, "--admin-listen", "", ...this.#args]);
    this.#process = child;
    let out = "";
    let err = "";
    child.stderr.on("data", (b) => (err = (err + b).slice(-4000)));
    await new Promise<void>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`hearth ended with ${code}: ${out}${err}`)));
      child.stdout.on("data", (b) => {
        out += b;
        if (out.includes("Stop with Ctrl-C")) resolve();
      });
    });
    this.url = /Hearth is at (\S+)/.exec(out)?.[1] ?? "";
    this.welcome = /^ {2}admin +(\S+)/m.exec(out)?.[1] ?? "";
    if (!this.links.shared) this.links = this.circle("As it comes", "--prompt", "How was your week?");
  }

  /** Makes a circle beside those there are, and returns its links. */
  circle(title: string, ...how: string[]): Links {
    const shared = {} as Record<Role, string>;
    const said = this.hearth("circle", title, ...how);
    for (const m of said.matchAll(/^ {2}(facilitator|member|listener|moderator) +(\S+)/gm)) shared[m[1] as Role] = m[2]!;
    const one = (role: Role) => this.hearth("invite", "--role", role, "--uses", "1", "--circle", title).trim();
    return { ...shared, shared, get member() { return one("member"); }, get listener() { return one("listener"); } };
  }

  /** Runs a command of the program beside the server, and returns what it says. */
  hearth(...what: string[]): string {
    return execFileSync(process.env.HEARTH_BIN!, [...what, "--data", this.#data, ...this.#args], { encoding: "utf8" });
  }

  /** Ends the process: by SIGTERM as an operator does, or SIGKILL as a power cut would. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  get port(): number {
    return this.#port;
  }

  /** Ends the process and forgets its data. */
  async remove(): Promise<void> {
    await this.stop("SIGKILL");
    for (const folder of [this.#data, this.#formats]) if (folder) rmSync(folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** A line that can be cut: a relay on a port of its own in front of a server. */
export class Relay {
  #listener: Listener;
  #sockets = new Set<Socket>();
  #to: () => number;
  up = true;

  private constructor(to: () => number) {
    this.#to = to;
    this.#listener = createServer((near) => this.#join(near));
  }

  static async open(to: () => number): Promise<Relay> {
    const r = new Relay(to);
    await new Promise<void>((resolve) => r.#listener.listen(0, "127.0.0.1", resolve));
    return r;
  }

  get url(): string {
    return `http://localhost:${(this.#listener.address() as AddressInfo).port}`;
  }

  #join(near: Socket): void {
    if (!this.up) return void near.destroy();
    const far = connect(this.#to(), "127.0.0.1");
    for (const [a, b] of [[near, far], [far, near]] as const) {
      this.#sockets.add(a);
      a.pipe(b);
      a.on("error", () => b.destroy());
      a.on("close", () => {
        this.#sockets.delete(a);
        b.destroy();
      });
    }
  }

  /** Cuts every connection, and refuses new ones until mend. */
  cut(): void {
    this.up = false;
    for (const s of this.#sockets) s.destroy();
  }

  mend(): void {
    this.up = true;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#listener.close(resolve));
  }
}
