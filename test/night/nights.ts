import type { Locale } from '@transaction-guardian/contracts/text/text.ts';

/** Somebody who writes in a direct chat. */
export interface Writer {
  readonly name: string;
  readonly sender: string;
  readonly conversation: string;
}

/** What people write in one night, and the prose between. */
export interface NightScript {
  readonly locale: Locale;
  readonly page: URL;
  readonly title: string;
  /** Says what is between `first`, who has the night, and `next`, who takes over and writes the other language. */
  readonly first: Writer;
  readonly next: Writer;
  readonly said: Readonly<
    Record<
      | 'accept'
      | 'status'
      | 'alerts'
      | 'ack'
      | 'why'
      | 'incident'
      | 'mine'
      | 'note'
      | 'statusAgain'
      | 'resolved'
      | 'acceptNext'
      | 'anomaliesNext',
      string
    >
  >;
  /** Finds what confirms a runbook in the answer that asks for it. */
  readonly confirmation: RegExp;
  readonly takesOver: string;
}

const ANA: Writer = { name: 'Ana', sender: '777', conversation: '777' };
const BOB: Writer = { name: 'Bob', sender: '888', conversation: '888' };
const pageOf = (name: string): URL => new URL(`../../docs/${name}`, import.meta.url);

/** The same night in both languages. */
export const NIGHTS: readonly NightScript[] = [
  {
    locale: 'pt-BR',
    page: pageOf('a-night.md'),
    title: 'A night',
    first: ANA,
    next: BOB,
    said: {
      accept: 'aceito',
      status: 'status do sistema',
      alerts: 'alertas',
      ack: 'ack 1',
      why: 'por quê',
      incident: 'incidente API sem transações',
      mine: 'incidente 1 meu',
      note: 'incidente 1 nota adquirente reiniciou às 02:47',
      statusAgain: 'status',
      resolved: 'incidente 1 resolvido',
      acceptNext: 'accept',
      anomaliesNext: 'anomalies since midnight',
    },
    confirmation: /"(confirmar \S+)"/,
    takesOver: 'Bob takes over. He writes English.',
  },
  {
    locale: 'en',
    page: pageOf('a-night.en.md'),
    title: 'A night in English',
    first: BOB,
    next: ANA,
    said: {
      accept: 'accept',
      status: 'system status',
      alerts: 'show alerts',
      ack: 'ack 1',
      why: 'why',
      incident: 'incident API without transactions',
      mine: 'incident 1 mine',
      note: 'incident 1 note the acquirer restarted at 02:47',
      statusAgain: 'health check',
      resolved: 'incident 1 resolved',
      acceptNext: 'aceito',
      anomaliesNext: 'anomalias desde meia-noite',
    },
    confirmation: /"(confirm \S+)"/,
    takesOver: 'Ana takes over. She writes Portuguese.',
  },
];
