import { crc32 } from 'node:zlib';
import { GuardianError } from '../../errors.ts';
import { GROUP_BYTES, nameGroups, reserveGroups, RING, stateArrays } from '../series/series-store.ts';
import { DETECTOR_VERSION } from '../series/settings.ts';
import { CLASSES, sliceIndexOf } from '../slices/slice-table.ts';
import { createWarnings } from '../warning/warnings.ts';
import { createState, type DetectorState } from './state.ts';

const MAGIC = 0x47_44_45_54;
/** Grows when the layout below changes. */
const LAYOUT = 9;
const HEAD_BYTES = 12;

type Floats = Float64Array | Float32Array | Uint16Array | Uint8Array | Int32Array;
interface Header {
  readonly detector: string;
  readonly ids: readonly string[];
  readonly series: number;
  readonly clock: number;
  readonly clockAt: number | null;
  readonly trend: DetectorState['trend'];
  readonly life: DetectorState['anomalies'];
  readonly feedback: DetectorState['feedback'];
  readonly beat: DetectorState['cadence'];
  readonly warnings: Pick<DetectorState['warnings'], 'open' | 'rests'>;
  readonly lastSequence: number;
  readonly lastMinute: number | null;
  readonly slices: readonly string[];
  readonly tickets: DetectorState['slices']['tickets'];
}

/** The whole state as bytes: magic, layout, length of the JSON header, header, the arrays in a fixed order, CRC-32.
 *  Little-endian; numbers keep every bit. */
export function encodeState(state: DetectorState): Uint8Array {
  const { store, trend, anomalies, warnings, feedback, slices, lastSequence, lastMinute } = state;
  const header: Header = {
    detector: DETECTOR_VERSION,
    ids: store.ids,
    series: store.series,
    clock: store.clock,
    clockAt: store.clockAt,
    trend,
    life: anomalies,
    feedback,
    beat: state.cadence,
    warnings: { open: warnings.open, rests: warnings.rests },
    lastSequence,
    lastMinute: Number.isNaN(lastMinute) ? null : lastMinute,
    slices: slices.keys,
    tickets: slices.tickets,
  };
  const text = Buffer.from(JSON.stringify(header), 'utf8');
  const parts = arraysOf(state, store.groups).map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength));
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt32LE(LAYOUT, 4);
  head.writeUInt32LE(text.length, 8);
  const body = [head, text, ...parts];
  const sum = Buffer.alloc(4);
  // Part by part: the state of a large company must not be copied twice.
  sum.writeUInt32LE(
    body.reduce((crc, part) => crc32(part, crc), 0),
    0,
  );
  return Buffer.concat([...body, sum]);
}

/** Inverse of `encodeState`. Throws DETECT_SNAPSHOT_INVALID for damaged bytes and for those of another version. */
export function decodeState(bytes: Uint8Array): DetectorState {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < HEAD_BYTES + 4 || buffer.readUInt32LE(0) !== MAGIC) throw invalid('it is not a detector snapshot');
  if (buffer.readUInt32LE(4) !== LAYOUT) throw invalid(`its layout is ${buffer.readUInt32LE(4)}, expected ${LAYOUT}`);
  const end = buffer.length - 4;
  if (crc32(buffer.subarray(0, end)) !== buffer.readUInt32LE(end)) throw invalid('its checksum does not match its content');
  const length = buffer.readUInt32LE(8);
  const header = JSON.parse(buffer.toString('utf8', HEAD_BYTES, HEAD_BYTES + length)) as Header;
  if (header.detector !== DETECTOR_VERSION) throw invalid(`it was made by detector ${header.detector}, this is ${DETECTOR_VERSION}`);
  return readState(header, buffer.subarray(HEAD_BYTES + length, end));
}

function readState(header: Header, body: Buffer): DetectorState {
  const state: DetectorState = {
    ...createState(),
    trend: header.trend,
    anomalies: header.life,
    feedback: header.feedback,
    cadence: header.beat,
    warnings: { ...createWarnings(), ...header.warnings },
    lastSequence: header.lastSequence,
    lastMinute: header.lastMinute ?? Number.NaN,
  };
  const { store } = state;
  const { ids, series, clock, clockAt } = header;
  reserveGroups(store, ids.length);
  Object.assign(store, { ids: [...ids], groups: ids.length, series, clock, clockAt });
  for (const key of header.slices) sliceIndexOf(state.slices, key);
  state.slices.tickets = header.tickets.map((tickets) => [...tickets]);
  let offset = 0;
  for (const array of arraysOf(state, ids.length)) {
    if (offset + array.byteLength > body.length) throw invalid('it is shorter than its header says');
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).set(body.subarray(offset, offset + array.byteLength));
    offset += array.byteLength;
  }
  nameGroups(store);
  return state;
}

function arraysOf(state: DetectorState, groups: number): Floats[] {
  const { store, profile, errorTracker, warnings, slices } = state;
  const entries = slices.keys.length;
  return [
    ...stateArrays(store, groups),
    store.tails,
    store.classSketches,
    store.lateness,
    profile.counts,
    profile.minutes,
    profile.waiting,
    errorTracker.waiting,
    errorTracker.errors,
    errorTracker.running,
    slices.covered,
    slices.cut,
    slices.counts.subarray(0, entries * CLASSES),
    slices.base.subarray(0, entries * CLASSES),
    slices.ages.subarray(0, entries),
    slices.ring.subarray(0, entries * CLASSES * RING),
    warnings.shares,
  ];
}

/** Bytes of state for the series and the slices, without the names of the nodes. */
export function stateBytes({ store, slices }: Pick<DetectorState, 'store' | 'slices'>): number {
  return store.groups * GROUP_BYTES + slices.keys.length * (CLASSES * (16 + RING * 4) + 8);
}

function invalid(why: string): GuardianError {
  return new GuardianError(
    'DETECT_SNAPSHOT_INVALID',
    `Expected a snapshot of this detector, but ${why}. Start without it: the detector learns again from the history.`,
  );
}
