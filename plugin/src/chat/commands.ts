import type { pluginText } from '@transaction-guardian/contracts/text/plugin-text.ts';

/** A command in the menu of a channel. `says`: what the server is asked, before the arguments. Names are ASCII; `status` and `help`
 *  are OpenClaw's own, and reach us as text. */
export interface MenuCommand {
  readonly name: string;
  readonly says: string;
  readonly about: Parameters<typeof pluginText>[1];
}

export const MENU: readonly MenuCommand[] = [
  { name: 'guardian', says: 'status', about: 'plugin.command.status' },
  { name: 'alertas', says: 'alertas', about: 'plugin.command.alerts' },
  { name: 'anomalias', says: 'anomalias', about: 'plugin.command.anomalies' },
  { name: 'metricas', says: 'métricas', about: 'plugin.command.metrics' },
  { name: 'runbook', says: 'runbook', about: 'plugin.command.runbook' },
  { name: 'incidente', says: 'incidente', about: 'plugin.command.incident' },
  { name: 'briefing', says: 'briefing', about: 'plugin.command.briefing' },
  { name: 'ajuda', says: 'ajuda', about: 'plugin.command.help' },
];
