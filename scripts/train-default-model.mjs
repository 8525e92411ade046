// Trains the Isolation Forest that ships (src/detect/forest/default-model.json) on clean reference traffic of several
// sizes. Run with: node scripts/train-default-model.mjs
import { writeFileSync } from 'node:fs';
import { referenceTraffic } from '../src/train/reference-traffic.ts';
import { collectFeatures, fitForest } from '../src/train/train-forest.ts';

const SEED = 20_260_701;
const timeZone = 'America/Sao_Paulo';
const startMs = Date.UTC(2026, 2, 2, 3);
const shapes = [
  { perMinute: 120, curve: 'flat', noise: 0.02 },
  { perMinute: 400, curve: 'daily', noise: 0.05 },
  { perMinute: 20, curve: 'daily', noise: 0.05 },
  { perMinute: 3, curve: 'flat', noise: 0 },
];
const points = shapes.flatMap((shape, i) =>
  collectFeatures(referenceTraffic({ ...shape, seed: SEED + i, minutes: 5 * 1440, startMs }), timeZone),
);
const model = fitForest(points, {
  seed: SEED,
  timeZone,
  traffic: 'reference traffic: 120 flat, 400 and 20 with a daily curve, 3 flat; 5 days each',
});
const file = new URL('../src/detect/forest/default-model.json', import.meta.url);
writeFileSync(file, `${JSON.stringify(model)}\n`);
console.log(`${model.version}: ${model.training.minutes} minutes, raw mean ${model.training.raw_mean}, raw max ${model.training.raw_max}`);
