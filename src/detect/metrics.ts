import { Counter, Gauge, type Registry } from 'prom-client';
import type { AnomalyType } from '@transaction-guardian/contracts/anomaly.ts';
import type { Detector } from './detector.ts';

/** What the detect stage counts. */
export interface DetectMetrics {
  opened(type: AnomalyType): void;
  scored(windows: number, detector: Detector): void;
}

/** Registers the metrics of the detect stage. */
export function createDetectMetrics(registry: Registry): DetectMetrics {
  const registers = [registry];
  const anomalies = new Counter({ name: 'guardian_anomalies_total', help: 'Anomalies opened.', labelNames: ['type'], registers });
  const windows = new Counter({
    name: 'guardian_scored_windows_total',
    help: 'Closed minutes and corrections that were scored.',
    registers,
  });
  const series = new Gauge({ name: 'guardian_detector_series', help: 'Series that the detector follows.', registers });
  const bytes = new Gauge({ name: 'guardian_detector_state_bytes', help: 'Size of the state of the detector.', registers });
  return {
    opened: (type) => anomalies.inc({ type }),
    scored: (count, detector) => {
      windows.inc(count);
      series.set(detector.seriesCount);
      bytes.set(detector.stateBytes);
    },
  };
}
