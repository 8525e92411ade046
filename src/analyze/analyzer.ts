import type { Finding, Recommendation } from '@transaction-guardian/contracts/analysis.ts';
import { SEVERITIES, type AnomalyType } from '@transaction-guardian/contracts/anomaly-type.ts';
import type { Anomaly, Reason } from '@transaction-guardian/contracts/anomaly.ts';
import type { ClosedWindow } from '@transaction-guardian/contracts/window.ts';
import { reasonText, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Clock } from '../clock.ts';
import { isGuardianError } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { readSnapshot } from '../store/verbs/detector/detector-snapshot.ts';
import type { Detector } from '../detect/engine/detector.ts';
import { coverageOf, fillUnknown, requestWindows, type AnalyzedTransaction, type Coverage } from './request-windows.ts';

export interface AnalyzerDependencies {
  readonly database: Database;
  /** A detector with that state, or a new one for null. Throws DETECT_SNAPSHOT_INVALID. */
  readonly createDetector: (snapshot: Uint8Array | null) => Detector;
  readonly clock: Clock;
}

export interface AnalyzerOptions {
  /** IANA zone of times in texts. */
  readonly timeZone: string;
  readonly detectorVersion: string;
  readonly modelVersion: string;
  readonly configHash: string;
  /** Name of the detector whose state is used (default 'main'). */
  readonly name?: string;
}

/** Judges posted transactions and stores nothing. */
export type Analyzer = (transactions: readonly AnalyzedTransaction[], locale: Locale) => Promise<Recommendation>;

/** How long a loaded state is used before the store is asked for a newer one. */
const CACHE_MS = 15_000;

/** Types that claim that something is missing; a sample cannot show that. */
const ABSENCE: ReadonlySet<AnomalyType> = new Set<AnomalyType>(['low_volume', 'zero_transactions', 'no_data', 'approval_rate_down']);

/** Creates the analyzer behind `POST /analyze`. Minutes after the stored history are judged against it, anything else
 *  against the earlier minutes of the request. What a request does not mention is unknown, not zero: a status that is
 *  nowhere in it counts as expected, as does the traffic of merchants that it leaves out. */
export function createAnalyzer(deps: AnalyzerDependencies, options: AnalyzerOptions): Analyzer {
  let cached: { readonly detector: Detector | null; readonly takenAt: number; readonly readAt: number } | null = null;

  async function history(): Promise<Detector | null> {
    const now = deps.clock.monotonic();
    if (cached !== null && now - cached.readAt < CACHE_MS) return cached.detector;
    const snapshot = await readSnapshot(deps.database, options.name ?? 'main');
    if (snapshot !== null && cached?.takenAt === snapshot.takenAt) cached = { ...cached, readAt: now };
    else cached = { detector: snapshot === null ? null : restore(snapshot.body), takenAt: snapshot?.takenAt ?? Number.NaN, readAt: now };
    return cached.detector;
  }

  function restore(body: Uint8Array): Detector | null {
    try {
      return deps.createDetector(body);
    } catch (error) {
      // The state of another version: the detector is about to replace it.
      if (isGuardianError(error, 'DETECT_SNAPSHOT_INVALID')) return null;
      throw error;
    }
  }

  return async (transactions, locale) => {
    const now = deps.clock.now();
    const stored = await history();
    const known =
      stored === null
        ? []
        : requestWindows(transactions, now, stored.lastSequence + 1).filter((window) => window.minute > stored.lastMinute);
    const basis = stored !== null && known.length > 0 ? 'history' : 'request';
    const detector = basis === 'history' && stored !== null ? stored : deps.createDetector(null);
    const coverage = coverageOf(transactions);
    const posted = basis === 'history' ? known : requestWindows(transactions, now, detector.lastSequence + 1);
    const windows = basis === 'history' ? completed(detector, posted, coverage) : posted;
    const judged = detector.analyze(windows);
    const isFair = fairness(coverage);
    const opened = judged.opened.filter((anomaly) => isFair(anomaly.node, anomaly.type));
    const findings = judged.findings.filter((finding) => isFair(finding.node, finding.type));
    return recommend({ findings, opened, learning: judged.learning, basis, minutes: windows.length }, { ...options, locale });
  };
}

/** The posted minutes with what the history expects in place of what the request does not say. */
function completed(detector: Detector, posted: readonly ClosedWindow[], coverage: Coverage): ClosedWindow[] {
  const expected = new Map<string, number>();
  for (const finding of detector.analyze(posted).findings) {
    if (finding.node.kind === 'status') expected.set(`${finding.node.status} ${Date.parse(finding.minute)}`, finding.expected);
  }
  return fillUnknown(posted, coverage, (status, minute) => expected.get(`${status} ${minute}`) ?? 0);
}

/** Finds what a request holds enough data to judge. */
function fairness(coverage: Coverage): (node: Finding['node'], type: AnomalyType | null) => boolean {
  return (node, type) => {
    if (node.status !== undefined && !coverage.statuses.has(node.status)) return false;
    if (node.merchant_id !== undefined && !coverage.merchants.has(node.merchant_id)) return false;
    if (node.acquirer !== undefined && !coverage.acquirers.has(node.acquirer)) return false;
    return type === null || !ABSENCE.has(type) || !coverage.isSample;
  };
}

interface Judgement {
  readonly findings: readonly Finding[];
  readonly opened: readonly Anomaly[];
  readonly learning: boolean;
  readonly basis: 'history' | 'request';
  readonly minutes: number;
}

function recommend(judgement: Judgement, options: AnalyzerOptions & { readonly locale: Locale }): Recommendation {
  const { findings, opened, learning } = judgement;
  const worst = opened.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))[0];
  const worstFinding = findings.find((finding) => finding.alert) ?? findings[0];
  const onlyVolume =
    opened.every(({ type }) => ABSENCE.has(type)) && findings.every(({ alert, type }) => !alert || type === null || ABSENCE.has(type));
  const alert = (opened.length > 0 || worstFinding?.alert === true) && !(learning && onlyVolume);
  const reasons = !alert ? reasonsWithoutAlert(learning) : worst === undefined ? measureReason(worstFinding) : [...worst.reasons];
  // The last minute of an incident may be a calm one: its worst minute is what the alert is about.
  const measured = worst === undefined ? worstFinding : { ...worst, ...worst.peak };
  return {
    alert,
    recommendation: alert ? 'alert' : 'none',
    level: alert ? (worst?.severity ?? 'warning') : 'none',
    ml_score: Math.max(0, ...findings.map((finding) => finding.ml_score), worst?.ml_score ?? 0),
    z_score: measured?.z_score ?? 0,
    expected: measured?.expected ?? 0,
    expected_low: measured?.expected_low ?? 0,
    expected_high: measured?.expected_high ?? 0,
    observed: measured?.observed ?? 0,
    reasons,
    text: reasons.map((reason) => reasonText(options.locale, reason, { timeZone: options.timeZone })),
    learning,
    basis: judgement.basis,
    minutes: judgement.minutes,
    findings: [...findings],
    detector_version: options.detectorVersion,
    model_version: options.modelVersion,
  };
}

/** Nothing was found: there is nothing to explain, unless the input decides nothing. */
function reasonsWithoutAlert(learning: boolean): Reason[] {
  return learning ? [{ code: 'learning', params: {} }] : [];
}

/** The most unusual number of a request that alerts and opened nothing. */
function measureReason(finding: Finding | undefined): Reason[] {
  if (finding === undefined) return [];
  const { node, observed, expected, z_score: z } = finding;
  const params = { observed, expected, z };
  if (node.auth_code !== undefined) return [{ code: 'code_above', params: { ...params, code: node.auth_code } }];
  return [{ code: observed >= expected ? 'above' : 'below', params: { ...params, what: node.status ?? 'total' } }];
}
