import type { Finding, Recommendation } from '@transaction-guardian/contracts/analysis.ts';
import { SEVERITIES, type Anomaly, type AnomalyType, type Reason } from '@transaction-guardian/contracts/anomaly.ts';
import { reasonText, type Locale } from '@transaction-guardian/contracts/text/text.ts';
import type { Clock } from '../clock.ts';
import { isGuardianError } from '../errors.ts';
import type { Database } from '../store/database.ts';
import { readSnapshot } from '../store/verbs/detector-snapshot.ts';
import type { Detector } from './detector.ts';
import { isSample, requestWindows, type AnalyzedTransaction } from './request-windows.ts';

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
 *  nowhere in it is not judged, and a list of single transactions is never called low volume. */
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
    const known = stored === null ? [] : requestWindows(transactions, now, stored.lastSequence + 1).filter((window) => window.minute > stored.lastMinute);
    const basis = stored !== null && known.length > 0 ? 'history' : 'request';
    const detector = basis === 'history' && stored !== null ? stored : deps.createDetector(null);
    const windows = basis === 'history' ? known : requestWindows(transactions, now, detector.lastSequence + 1);
    const judged = detector.analyze(windows);
    const isFair = fairness(transactions);
    const opened = judged.opened.filter((anomaly) => isFair(anomaly.node, anomaly.type));
    const findings = judged.findings.filter((finding) => isFair(finding.node, finding.type));
    return recommend({ findings, opened, learning: judged.learning, basis, minutes: windows.length }, { ...options, locale });
  };
}

/** Tells what a request can say something about. */
function fairness(transactions: readonly AnalyzedTransaction[]): (node: Finding['node'], type: AnomalyType | null) => boolean {
  const statuses = new Set<string>(transactions.map((transaction) => transaction.status));
  const codes = new Set<string>(transactions.map((transaction) => transaction.auth_code ?? ''));
  const sample = isSample(transactions);
  return (node, type) => {
    if (node.status !== undefined && !statuses.has(node.status)) return false;
    if (node.auth_code !== undefined && !codes.has(node.auth_code)) return false;
    // Without the approved ones neither the total nor the approval rate is known.
    return type === null || !ABSENCE.has(type) || (!sample && (statuses.has('approved') || transactions.every(({ count }) => count === 0)));
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
  const telling = findings.find((finding) => finding.alert) ?? findings[0];
  const onlyVolume = opened.every(({ type }) => ABSENCE.has(type)) && findings.every(({ alert, type }) => !alert || type === null || ABSENCE.has(type));
  const alert = (opened.length > 0 || telling?.alert === true) && !(learning && onlyVolume);
  const reasons: Reason[] = worst === undefined ? [] : [...worst.reasons];
  const measured = worst ?? telling;
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
