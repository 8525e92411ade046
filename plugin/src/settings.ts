import { readFileSync } from 'node:fs';
import type { Severity } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Locale } from '@transaction-guardian/contracts/text/render-text.ts';
import type { GatewayConfig } from './openclaw.ts';

/** Where pages go: a person or a group of a channel. */
export interface Target {
  readonly channel: string;
  readonly to: string;
  readonly accountId?: string;
  /** Only these; default all. */
  readonly severities?: readonly Severity[];
}

/** The chat of a target in one word: `telegram:777`. */
export const chatOf = ({ channel, to }: Target): string => `${channel}:${to}`;

/** A target, and the thread in it. */
export type ThreadTarget = Target & { readonly threadId?: string | number };

/** The plugin's part of the gateway's configuration; `openclaw.plugin.json` has its schema. */
export interface Settings {
  readonly guardianUrl: string;
  readonly deliverTo: readonly Target[];
  readonly actingGroups: readonly string[];
  readonly locale: Locale;
  readonly timeZone: string;
  readonly chatTimeoutMs: number;
  readonly repeatAfterMs: number;
  /** Messages of their own that a chat gets in a minute; what comes on top is notified together. */
  readonly messagesPerMinute: number;
  readonly modelFallback: boolean;
  readonly agentTools: boolean;
  /** Tokens are read when they are needed, so that one that was rotated is found; '' where there is none. */
  readonly webhookToken: () => string;
  readonly serviceToken: () => string;
  /** Whether somebody may act: `telegram:777`. */
  readonly isOwner: (channel: string, sender: string, gateway: GatewayConfig) => boolean;
}

interface Written {
  readonly webhookToken?: string;
  readonly webhookTokenFile?: string;
  readonly guardianUrl?: string;
  readonly serviceToken?: string;
  readonly serviceTokenFile?: string;
  readonly deliverTo?: readonly Target[];
  readonly owners?: readonly string[];
  readonly actingGroups?: readonly string[];
  readonly locale?: Locale;
  readonly timeZone?: string;
  readonly chatTimeoutMs?: number;
  readonly repeatAfterMinutes?: number;
  readonly messagesPerMinute?: number;
  readonly modelFallback?: boolean;
  readonly agentTools?: boolean;
}

/** Reads what the gateway has checked against the schema. */
export function readSettings(written: Readonly<Record<string, unknown>> = {}): Settings {
  const said = written as Written;
  return {
    guardianUrl: (said.guardianUrl ?? 'http://127.0.0.1:8001').replace(/\/+$/, ''),
    deliverTo: said.deliverTo ?? [],
    actingGroups: said.actingGroups ?? [],
    locale: said.locale ?? 'pt-BR',
    timeZone: said.timeZone ?? 'America/Sao_Paulo',
    chatTimeoutMs: said.chatTimeoutMs ?? 5000,
    repeatAfterMs: (said.repeatAfterMinutes ?? 10) * 60_000,
    messagesPerMinute: said.messagesPerMinute ?? 5,
    modelFallback: said.modelFallback ?? false,
    agentTools: said.agentTools ?? false,
    webhookToken: () => said.webhookToken ?? fileText(said.webhookTokenFile),
    serviceToken: () => said.serviceToken ?? fileText(said.serviceTokenFile),
    isOwner: (channel, sender, gateway) =>
      (said.owners ?? gateway.commands?.ownerAllowFrom?.map(String) ?? []).includes(`${channel}:${sender}`),
  };
}

/** A secret in a file; '' where it cannot be read, which opens nothing. */
function fileText(path: string | undefined): string {
  if (path === undefined) return '';
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
