/** A line to PostgreSQL that can be cut or held at the worst moment: a commit asked for and not delivered, or done and not answered. */
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** The simple query `commit` and its tag, as the protocol frames them (a role named iter_commit is not one). */
const ASKED = Buffer.from('Q\0\0\0\x0bcommit\0', 'latin1'), DONE = Buffer.from('C\0\0\0\x0bCOMMIT\0', 'latin1');

export type Cut = 'before the commit arrives' | 'after the commit, before its answer';

export class DatabaseProxy {
  private cut: Cut | null = null;
  private happened: (() => void) | null = null;
  private held: { began: () => void; released: Promise<void> } | null = null;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer({ noDelay: true }, client => this.relay(client));
  private target: URL | null = null;

  /** Answers the address that goes through the proxy. */
  async open(url: string): Promise<string> {
    this.target = new URL(url);
    await new Promise<void>(resolve => this.server.listen(0, '127.0.0.1', resolve));
    const through = new URL(url);
    through.port = String((this.server.address() as AddressInfo).port);
    return through.href;
  }

  /** The next COMMIT on any connection. Resolves when it happened. */
  cutNext(cut: Cut): Promise<void> {
    this.cut = cut;
    return new Promise(resolve => { this.happened = resolve; });
  }

  /** The next write with its COMMIT stays on the line, its locks held, until `release`. `began` resolves when it is there. */
  holdNext(): { began: Promise<void>; release: () => void } {
    const began = Promise.withResolvers<void>(), released = Promise.withResolvers<void>();
    this.held = { began: began.resolve, released: released.promise };
    return { began: began.promise, release: released.resolve };
  }

  private relay(client: Socket): void {
    const server = connect({ host: this.target!.hostname, port: Number(this.target!.port), noDelay: true });
    const end = () => { client.destroy(); server.destroy(); };
    for (const socket of [client, server]) {
      this.sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => { this.sockets.delete(socket); end(); });
    }
    const cutHere = (cut: Cut) => {
      if (this.cut !== cut) return false;
      this.cut = null;
      end();
      this.happened?.();
      return true;
    };
    client.on('data', chunk => {
      // The write goes in the same packet and must not arrive either.
      if (chunk.includes(ASKED)) {
        if (cutHere('before the commit arrives')) return;
        if (this.held) {
          const { began, released } = this.held;
          this.held = null;
          client.pause();
          began();
          void released.then(() => { server.write(chunk); client.resume(); });
          return;
        }
      }
      server.write(chunk);
    });
    server.on('data', chunk => {
      if (chunk.includes(DONE) && cutHere('after the commit, before its answer')) return;
      client.write(chunk);
    });
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>(resolve => this.server.close(() => resolve()));
  }
}
