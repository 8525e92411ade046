import type { Locale } from '@transaction-guardian/contracts/text/text.ts';

/** Where the events of one client go: the socket of a response. */
export interface Sink {
  write(text: string): void;
  /** Bytes that were written and not yet taken by the network. */
  buffered(): number;
  end(): void;
}

/** One open `GET /stream`. */
export interface StreamClient {
  readonly locale: Locale;
  readonly sink: Sink;
}

/** One event in the format of server-sent events. Without an id the client keeps the last one. */
export function formatEvent(event: string, data: string, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`;
}

/** The clients of a stream, with a bound on what waits for a slow one. */
export interface StreamClients {
  readonly size: number;
  add(client: StreamClient): void;
  remove(client: StreamClient): void;
  /** Writes to one client; drops it when it lags: it comes back and resumes. */
  send(client: StreamClient, text: string): void;
  /** Writes to all; `text` is made once a language. */
  broadcast(text: (locale: Locale) => string): void;
  endAll(): void;
}

export function createStreamClients(maxBufferedBytes: number, onDropped: () => void): StreamClients {
  const clients = new Set<StreamClient>();
  const send = (client: StreamClient, text: string) => {
    if (client.sink.buffered() > maxBufferedBytes) {
      clients.delete(client);
      client.sink.end();
      onDropped();
    } else client.sink.write(text);
  };
  return {
    get size() {
      return clients.size;
    },
    add: (client) => void clients.add(client),
    remove: (client) => void clients.delete(client),
    send,
    broadcast(text) {
      const made = new Map<Locale, string>();
      for (const client of clients) {
        let line = made.get(client.locale);
        if (line === undefined) made.set(client.locale, (line = text(client.locale)));
        send(client, line);
      }
    },
    endAll() {
      for (const client of clients) client.sink.end();
      clients.clear();
    },
  };
}
