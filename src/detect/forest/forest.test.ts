import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { isGuardianError } from '../../errors.ts';
import defaultModel from './default-model.json' with { type: 'json' };
import { FEATURES } from './features.ts';
import { fitLogistic, logLossOf, type Case } from './logistic.ts';
import { growForest, scoreForest } from './isolation-forest.ts';
import { loadModel, mlScore } from './model.ts';
import { seededNumbers } from './random.ts';
import { referenceTraffic } from '../../train/reference-traffic.ts';
import { collectFeatures, fitForest, trainForest } from '../../train/train-forest.ts';

const SHAPE = { seed: 77, perMinute: 80, curve: 'flat', noise: 0.02, minutes: 1500, startMs: Date.UTC(2026, 4, 4) } as const;
const ZONE = 'America/Sao_Paulo';

suite('isolation forest', () => {
  test('a point far outside scores higher than any inside', () => {
    const random = seededNumbers(1);
    const points = Array.from({ length: 500 }, () => Float64Array.from({ length: 4 }, () => random.normal()));
    const forest = growForest(points, { trees: 50, sample: 128, random });
    const most = Math.max(...points.slice(0, 200).map((point) => scoreForest(forest, point)));
    assert.ok(scoreForest(forest, Float64Array.of(9, 9, 9, 9)) > most);
  });

  test('training is repeatable and survives the file', () => {
    const options = { seed: 5, timeZone: ZONE, traffic: 'test', weigh: { days: 1, streams: 1 } };
    const model = trainForest(referenceTraffic(SHAPE), options);
    assert.deepEqual(trainForest(referenceTraffic(SHAPE), options), model);
    assert.equal(model.training.minutes > 1200, true);
    const loaded = loadModel(JSON.parse(JSON.stringify(model)));
    assert.equal(loaded.version, model.version);
    assert.ok(JSON.stringify(model).length < 300_000);
  });

  test('the score is calibrated: a clean minute reaches 1 - a with probability about a', () => {
    const model = loadModel(defaultModel);
    const points = collectFeatures(referenceTraffic({ ...SHAPE, seed: 78, perMinute: 120, minutes: 4 * 1440 }), ZONE);
    const scores = points.map((point) => mlScore(model, point));
    for (const share of [0.2, 0.05]) {
      const found = scores.filter((score) => score >= 1 - share).length / scores.length;
      assert.ok(found < share * 2 && found > share / 3, `${share}: ${found}`);
    }
    const odd = new Float64Array(FEATURES.length).fill(0);
    odd.set([6, -8, 9, 8, 7, -1, 2, 2, -0.5, 20, 0.5]);
    assert.ok(mlScore(model, odd) > 0.999);
  });

  test('a weight is earned on held-out streams: the one that ships is, that of a forest without sense is not', () => {
    const { weight, held_out: of } = defaultModel.combine;
    assert.ok(weight > 0 && weight <= 0.5 && of.gain_errors > 2 && of.loss_by_both < of.loss_by_counts);
    assert.ok(of.by_both.caught >= of.by_counts.caught && of.by_both.delay < of.by_counts.delay);
    assert.ok(of.by_both.false_anomalies <= of.by_counts.false_anomalies);
    const random = seededNumbers(9);
    const noise = Array.from({ length: 600 }, () => Float64Array.from(FEATURES, () => 0.01 * random.normal()));
    const senseless = fitForest(noise, { seed: 3, timeZone: ZONE, traffic: 'noise', trees: 4, sample: 8, weigh: { days: 1, streams: 1 } });
    assert.equal(senseless.combine.weight, 0);
  });

  test('a logistic regression finds the odds that made the cases', () => {
    const random = seededNumbers(4);
    const cases = Array.from({ length: 6000 }, (): Case => {
      const features = [random.next(), 2 * random.next()];
      return { features, isIn: random.next() < 1 / (1 + Math.exp(2 - 3 * (features[0] ?? 0) - (features[1] ?? 0))) };
    });
    const found = fitLogistic(cases);
    [-2, 3, 1].forEach((weight, i) => assert.ok(Math.abs((found[i] ?? 0) - weight) < 0.3, found.join()));
    assert.ok(logLossOf(found, cases) < logLossOf([0, 0, 0], cases));
  });

  test('a file that is no model is refused', () => {
    const isInvalid = (error: unknown) => isGuardianError(error, 'DETECT_MODEL_INVALID');
    assert.throws(() => loadModel({}), isInvalid);
    assert.throws(() => loadModel({ ...defaultModel, features: ['z'] }), isInvalid);
    assert.throws(() => loadModel({ ...defaultModel, trees: [{ feature: [0], value: [1], right: [0] }] }), isInvalid);
    assert.throws(() => trainForest([], { seed: 1, timeZone: ZONE, traffic: '' }), isInvalid);
  });
});
