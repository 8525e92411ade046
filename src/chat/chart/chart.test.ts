import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { rateBand, type MetricPoint } from '../metric/series.ts';
import { createCanvas } from './canvas.ts';
import { drawChart, type ChartWords } from './draw-chart.ts';
import { encodePng } from './png.ts';
import { axisOf } from './scale.ts';
import { strokesOf } from './stroke-font.ts';

const WORDS: ChartWords = {
  title: 'Taxa de aprovação',
  now: '94,2%',
  value: 'valor',
  expected: 'esperado',
  number: String,
  time: () => '03:12',
};

/** Reads a PNG of ours back. Throws when a chunk is damaged. */
function decode(png: Buffer): { width: number; height: number; at: (x: number, y: number) => number[] } {
  assert.equal(png.subarray(1, 4).toString('latin1'), 'PNG');
  const chunks: Record<string, Buffer> = {};
  for (let at = 8; at < png.length;) {
    const length = png.readUInt32BE(at);
    const body = png.subarray(at + 4, at + 8 + length);
    assert.equal(png.readUInt32BE(at + 8 + length), crc32(body));
    chunks[body.subarray(0, 4).toString('latin1')] = body.subarray(4);
    at += 12 + length;
  }
  const [width, height] = [chunks['IHDR']?.readUInt32BE(0) ?? 0, chunks['IHDR']?.readUInt32BE(4) ?? 0];
  const rows = inflateSync(chunks['IDAT'] ?? Buffer.alloc(0));
  assert.equal(rows.length, height * (width * 3 + 1));
  return { width, height, at: (x, y) => [...rows.subarray(y * (width * 3 + 1) + 1 + x * 3, y * (width * 3 + 1) + 4 + x * 3)] };
}

const point = (minute: number, value: number | null, band: readonly [number, number] | null = null): MetricPoint => ({
  minute: minute * 60_000,
  isKnown: value !== null,
  value,
  expected: band === null ? null : (band[0] + band[1]) / 2,
  low: band?.[0] ?? null,
  high: band?.[1] ?? null,
  total: 100,
  count: 90,
});

test('a picture comes back as it was drawn', async () => {
  const canvas = createCanvas(40, 20, [1, 2, 3]);
  canvas.dot([10, 10], 4, [255, 0, 0]);
  canvas.between(
    [
      [20, 5],
      [30, 5],
    ],
    [
      [20, 15],
      [30, 15],
    ],
    [0, 0, 255],
    1,
  );
  const png = decode(await encodePng(canvas));
  assert.deepEqual([png.width, png.height, png.at(0, 0), png.at(10, 10), png.at(25, 10)], [40, 20, [1, 2, 3], [255, 0, 0], [0, 0, 255]]);
});

test('a value outside of its band has a ring, a gap has no line, and the picture is dark', async () => {
  const points = Array.from({ length: 61 }, (_, at) => point(at, at >= 20 && at < 40 ? null : at === 60 ? 20 : 60, [50, 70]));
  const png = decode((await drawChart(points, WORDS, { low: 0, high: 100 })).data);
  const colours = (near: (colour: number[]) => boolean, from: number, to: number) => {
    let found = 0;
    for (let x = from; x < to; x++) for (let y = 110; y < 410; y++) if (near(png.at(x, y))) found++;
    return found;
  };
  const isAlarm = ([r = 0, g = 0]: number[]) => r > 220 && g < 140;
  const isLine = ([r = 0, g = 0, b = 0]: number[]) => r > 90 && r < 150 && g > 170 && b > 220;
  assert.ok(colours(isAlarm, 840, 880) > 40, 'the last minute is far below');
  assert.equal(colours(isAlarm, 110, 800), 0);
  assert.ok(colours(isLine, 120, 350) > 200);
  assert.equal(colours(isLine, 380, 600), 0, 'nobody knows these minutes');
  assert.ok(png.at(3, 3).every((part) => part < 40));
});

test('nothing that is drawn fails: no points, one point, huge and equal values, foreign names', async () => {
  for (const points of [[], [point(0, 5)], [point(0, null)], [point(0, 1e15, [0, 1e15]), point(1, 0)], [point(0, 0), point(1, 0)]]) {
    const { data } = await drawChart(
      points,
      { ...WORDS, title: 'متجر 商店 \u202e😀'.repeat(20) },
      { low: 0, high: Number.POSITIVE_INFINITY },
    );
    assert.equal(decode(data).width, 900);
  }
});

test('an axis holds every value, has few ticks, and stays within its limits', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1, maxLength: 20 }), (values) => {
      const axis = axisOf(values, 4, { low: 0, high: Number.POSITIVE_INFINITY });
      const slack = 1e-6 * Math.max(1, ...values);
      assert.ok(axis.low <= Math.min(...values) + slack && axis.high >= Math.max(...values) - slack && axis.low < axis.high);
      assert.ok(axis.ticks.length >= 2 && axis.ticks.length <= 7, String(axis.ticks));
    }),
  );
  assert.deepEqual(axisOf([91, 99.5], 4, { low: 0, high: 100 }).ticks, [90, 92.5, 95, 97.5, 100]);
});

test('every letter of both languages has strokes of its own', () => {
  const box = JSON.stringify(strokesOf('☃').strokes);
  for (const letter of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:-–/%()+·_$#~…áàâãéêíóôõúçÁÃÇÉÍÓÚ'.normalize(
    'NFC',
  )) {
    assert.notEqual(JSON.stringify(strokesOf(letter).strokes), box, letter);
    assert.ok(
      strokesOf(letter).strokes.every((stroke) => stroke.length > 0 && stroke.flat().every(Number.isFinite)),
      letter,
    );
  }
});

test('the band of a rate holds 99 of 100 draws, and is within 0 and 100', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 100_000 }), (share, total) => {
      const { expected, low, high } = rateBand(share, total);
      assert.ok(
        low !== null && high !== null && expected !== null && low >= 0 && high <= 100 && low <= expected + 1e-9 && high >= expected - 1e-9,
      );
    }),
  );
});
