// One Hearth for one test: a data folder of its own, ports chosen by the
// kernel, and the links that the first start prints.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Role = "facilitator" | "member" | "listener" | "moderator";

export class Server {
  url = "";
  links = {} as Record<Role, string>;
  #data = mkdtempSync(join(tmpdir(), "hearth-e2e-"));
  #args: string[];
  #process?: ChildProcess;

  constructor(...args: string[]) {
    this.#args = args;
  }

  /** Starts, or starts again on the same data and port; resolves when it listens. */
  async start(): Promise<void> {
    const listen = this.url ? `127.0.0.1:${new URL(this.url).port}` : "127.0.0.1:0";
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
    for (const m of out.matchAll(/^ {2}(facilitator|member|listener|moderator) +(\S+)/gm)) {
      this.links[m[1] as Role] = m[2]!;
    }
  }

  /** Ends the process: by SIGTERM as an operator does, or SIGKILL as a power cut would. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }

  /** Ends the process and forgets its data. */
  async remove(): Promise<void> {
    await this.stop("SIGKILL");
    rmSync(this.#data, { recursive: true, force: true });
  }
}
