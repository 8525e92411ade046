import { seededNumbers } from '../../src/detect/forest/random.ts';

/** Every status with its usual code and its mean count a minute for a merchant of mean size. */
const OUTCOMES = [
  ['approved', '00', 24],
  ['denied', '51', 3],
  ['failed', '91', 1.2],
  ['reversed', '00', 1.2],
  ['backend_reversed', '00', 1.1],
  ['refunded', '00', 1.1],
] as const;
const ACQUIRERS = 20;

/** Traffic of a large company: every merchant counts every status in every minute, so that no series of it ever rests. */
export interface ManySeries {
  /** Rows of one of `parts` equal parts of a minute as NDJSON, stamped with their place in the minute. `total`: transactions. */
  part(minute: number, part: number, parts: number): { readonly body: string; readonly rows: number; readonly total: number };
}

/** Makes traffic of so many merchants. The same seed and order of calls give the same rows. */
export function createManySeries(merchants: number, seed = 1): ManySeries {
  const random = seededNumbers(seed).next;
  const sizes = Array.from({ length: merchants }, () => 0.3 - Math.log(1 - random()) * 0.7);
  return {
    part(minute, part, parts) {
      const timestamp = new Date(minute + Math.floor((part * 60_000) / parts)).toISOString();
      const lines: string[] = [];
      let total = 0;
      for (let merchant = part; merchant < merchants; merchant += parts) {
        for (const [status, code, mean] of OUTCOMES) {
          const rate = mean * (sizes[merchant] ?? 1);
          const count = Math.max(1, Math.round(rate + Math.sqrt(rate) * (random() + random() + random() - 1.5) * 2));
          const amount = Math.round(count * 8500 * (0.5 + random())) / 100;
          total += count;
          lines.push(
            `{"timestamp":"${timestamp}","status":"${status}","count":${count},"amount":${amount},"currency":"BRL",` +
              `"merchant_id":"${merchantId(merchant)}","auth_code":"${code}","acquirer":"acq-${1 + (merchant % ACQUIRERS)}"}`,
          );
        }
      }
      return { body: `${lines.join('\n')}\n`, rows: lines.length, total };
    },
  };
}

/** Id of the merchant with that number. */
export const merchantId = (merchant: number): string => `m-${String(merchant + 1).padStart(5, '0')}`;
