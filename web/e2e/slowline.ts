// A slow line: a relay that holds everything back as a bad phone connection
// does, and counts what goes to the phone.
import { connect, createServer, type AddressInfo, type Server as Listener, type Socket } from "node:net";

/** 400 kbit/s, and 300 ms there and back. */
export const slow = { bytesPerSecond: 50_000, oneWay: 150 };

export class SlowLine {
  #listener: Listener;
  #sockets = new Set<Socket>();
  down = 0; // bytes that came to the phone

  private constructor(to: () => number) {
    const [up, down] = [new Pipe(), new Pipe()]; // all connections share the line
    this.#listener = createServer((near) => {
      const far = connect(to(), "127.0.0.1");
      for (const [from, into, pipe] of [[near, far, up], [far, near, down]] as const) {
        this.#sockets.add(from);
        from.on("data", (b) => {
          if (pipe === down) this.down += b.length;
          pipe.send(b.length, () => into.writable && into.write(b));
        });
        from.on("error", () => into.destroy());
        from.on("close", () => {
          this.#sockets.delete(from);
          pipe.send(0, () => into.end());
        });
      }
    });
  }

  static async open(to: () => number): Promise<SlowLine> {
    const s = new SlowLine(to);
    await new Promise<void>((resolve) => s.#listener.listen(0, "127.0.0.1", resolve));
    return s;
  }

  get url(): string {
    return `http://localhost:${(this.#listener.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const s of this.#sockets) s.destroy();
    await new Promise((resolve) => this.#listener.close(resolve));
  }
}

/** One direction: what is sent leaves one after the other, and arrives later. */
class Pipe {
  #free = 0; // when the line has nothing to do any more, ms

  send(bytes: number, arrive: () => void): void {
    const now = performance.now();
    this.#free = Math.max(now, this.#free) + (bytes / slow.bytesPerSecond) * 1000;
    setTimeout(arrive, this.#free - now + slow.oneWay);
  }
}
