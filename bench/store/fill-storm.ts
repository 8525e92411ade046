import { alertOf } from '../../src/alert/alert-of.ts';
import { groupKeyOf } from '../../src/alert/group.ts';
import { causeOf } from '../../src/alert/cause.ts';
import { anomalyOf } from '../../src/chat/test-chat.ts';
import type { Database } from '../../src/store/database.ts';
import { writeAlerts } from '../../src/store/verbs/alert/write-alerts.ts';
import { writeAnomalies } from '../../src/store/verbs/anomaly/write-anomalies.ts';

const ZONE = 'America/Sao_Paulo';
/** One of so many is critical. */
const CRITICAL = 50;

/** A storm: `count` merchants that each have an alert of its own, with its texts in both languages, as the alert stage leaves them. */
export async function fillStorm(database: Database, count: number): Promise<void> {
  const anomalies = Array.from({ length: count }, (_, at) =>
    anomalyOf(`an_${String(at).padStart(12, '0')}`, 10, null, {
      type: 'failures_above_normal',
      severity: at % CRITICAL === 0 ? 'critical' : 'warning',
      node: { kind: 'merchant', merchant_id: `m-${String(at + 1).padStart(5, '0')}` },
      slice: { merchant_id: `m-${String(at + 1).padStart(5, '0')}`, share: 1 },
      lost_transactions: 40,
      lost_by_currency: [{ currency: 'BRL', amount: 4000 }],
      reasons: [{ code: 'above_expected', params: { status: 'failed', observed: 52.9, expected: 7.5, z: 15.2 } }],
    }),
  );
  await writeAnomalies(
    database,
    anomalies.map((anomaly, sequence) => ({ v: 1, event: 'opened', sequence, anomaly })),
  );
  await writeAlerts(
    database,
    anomalies.map((anomaly) => {
      const groupKey = groupKeyOf(anomaly.type, causeOf(anomaly), []);
      const [alert, en] = (['pt-BR', 'en'] as const).map((locale) =>
        alertOf(anomaly, null, { locale, timeZone: ZONE, externalUrl: 'https://guardian.example' }, { groupKey }),
      );
      if (alert === undefined || en === undefined) throw new Error('an anomaly has an alert in each language');
      return { alert, translations: { en }, groupKey, version: 1 };
    }),
  );
}
