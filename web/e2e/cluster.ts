// Three nodes, Redis and PostgreSQL for one test, and the way that one
// browser takes to them.
import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request, type IncomingHttpHeaders, type IncomingMessage, type Server as Listener, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Role } from "./server.ts";

const script = join(import.meta.dirname, "../../deployments/cluster.sh");

/** What is missing to run one; empty: nothing. */
export function missing(): string {
  const has = (name: string) => (process.env.PATH ?? "").split(":").some((dir) => existsSync(join(dir, name)));
  if (!has("redis-server")) return "redis-server";
  return has("initdb") || existsSync("/usr/lib/postgresql") ? "" : "postgresql";
}

interface Node {
  name: string;
  url: string;
  admin: string;
}

export class Cluster {
  nodes: Node[] = [];
  #links = {} as Record<Role, string>;
  #shared: string[] = [];
  #folder = "";
  #at = mkdtempSync(join(tmpdir(), "hearth-e2e-"));

  async start(): Promise<void> {
    await promisify(execFile)(script, ["--port", "0", "--background", this.#file, "--with", String(process.pid)]);
    const told = JSON.parse(readFileSync(this.#file, "utf8"));
    this.nodes = told.nodes;
    this.#links = told.links;
    this.#folder = told.folder;
    const secret = (name: string) => join(told.folder, "secrets", name);
    this.#shared = [
      "--redis", `redis://hearth@127.0.0.1:${told.redis.port}`, "--redis-password-file", secret("redis-password"), "--secret-file", secret("secret"),
      "--database", `postgres://hearth@127.0.0.1:${told.postgres.port}/hearth?sslmode=disable`, "--database-password-file", secret("database-password"),
    ];
  }

  get #file(): string {
    return join(this.#at, "cluster.json");
  }

  /** The link of a role, at some address; for members and listeners one of their own, who need not wait to be let in. */
  link(role: Role, at: string): string {
    const own = role === "member" || role === "listener";
    const link = own ? this.hearth(at, "invite", "--role", role, "--uses", "1") : this.#links[role];
    return at + link.slice(new URL(link).origin.length);
  }

  /** Runs a command of the program beside the nodes, for people who come to an address, and returns what it says. */
  hearth(at: string, ...what: string[]): string {
    return execFileSync(join(this.#folder, "hearth"), [...what, "--public-url", at, ...this.#shared], { encoding: "utf8", cwd: this.#at }).trim();
  }

  /** What makes the first admin, at one of the nodes. */
  welcome(i: number): string {
    const log = readFileSync(join(this.#folder, `${this.nodes[i]!.name}.log`), "utf8");
    return /^ {2}admin +(\S+)/m.exec(log)?.[1] ?? "";
  }

  /** Ends a node, SIGKILL as a power cut would. */
  kill(i: number, signal: "SIGTERM" | "SIGKILL" = "SIGKILL"): void {
    process.kill(Number(readFileSync(join(this.#folder, `${this.nodes[i]!.name}.pid`), "utf8")), signal);
  }

  /** Starts a node again; resolves when it is ready. */
  async again(i: number): Promise<void> {
    const { name, admin } = this.nodes[i]!;
    spawn(join(this.#folder, "start"), [name], { stdio: "ignore" });
    for (let n = 0; n < 200; n++) {
      if (await fetch(`${admin}/readyz`).then((r) => r.ok, () => false)) return;
      await sleep(100);
    }
    throw new Error(`${name} did not get ready`);
  }

  async remove(): Promise<void> {
    if (existsSync(this.#file)) execFileSync(script, ["--stop", this.#file]);
    rmSync(this.#at, { recursive: true, force: true });
  }
}

/**
 * What stands before the nodes for one browser: asks the first of them that
 * takes connections, by the name that it calls itself.
 */
export class Front {
  at = ""; // the node of the newest websocket
  #listener: Listener;
  #nodes: URL[];
  #sockets = new Set<Socket>();

  private constructor(nodes: string[]) {
    this.#nodes = nodes.map((n) => new URL(n));
    this.#listener = createServer((req, res) => void this.#page(req, res));
    this.#listener.on("upgrade", (req, near: Socket) => void this.#socket(req, near));
    this.#listener.on("connection", (s) => {
      this.#sockets.add(s);
      s.on("close", () => this.#sockets.delete(s));
    });
  }

  static async open(nodes: string[]): Promise<Front> {
    const f = new Front(nodes);
    await new Promise<void>((resolve) => f.#listener.listen(0, "127.0.0.1", resolve));
    return f;
  }

  get url(): string {
    return `http://localhost:${(this.#listener.address() as AddressInfo).port}`;
  }

  async #node(): Promise<URL> {
    for (const n of this.#nodes) {
      const s = connect(Number(n.port), "127.0.0.1");
      const up = await new Promise<boolean>((resolve) => s.once("connect", () => resolve(true)).once("error", () => resolve(false)));
      s.destroy();
      if (up) return n;
    }
    return this.#nodes[0]!;
  }

  #headers(h: IncomingHttpHeaders, to: URL): IncomingHttpHeaders {
    return { ...h, host: to.host, ...(h.origin === this.url && { origin: to.origin }) };
  }

  async #page(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const to = await this.#node();
    const far = request({ host: "127.0.0.1", port: to.port, method: req.method, path: req.url, headers: this.#headers(req.headers, to) }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    far.on("error", () => res.destroy());
    req.pipe(far);
  }

  async #socket(req: IncomingMessage, near: Socket): Promise<void> {
    const to = await this.#node();
    this.at = to.origin;
    const far = connect(Number(to.port), "127.0.0.1");
    const headers = Object.entries(this.#headers(req.headers, to)).map(([k, v]) => `${k}: ${String(v)}\r\n`);
    far.write(`GET ${req.url} HTTP/1.1\r\n${headers.join("")}\r\n`);
    for (const [a, b] of [[near, far], [far, near]] as const) {
      a.pipe(b);
      a.on("error", () => b.destroy());
      a.on("close", () => b.destroy());
    }
  }

  async close(): Promise<void> {
    for (const s of this.#sockets) s.destroy();
    await new Promise((resolve) => this.#listener.close(resolve));
  }
}
