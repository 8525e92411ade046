// Loaded before the program (`--import`): its wall clock is as far from the right one as the file of FAULT_CLOCK says, in milliseconds.
// The monotonic clock does not jump, as on a machine whose time is set.
import { readFileSync } from 'node:fs';

const LOOK_MS = 100;
const file = process.env.FAULT_CLOCK;
const RightDate = Date;
let offsetMs = 0;
if (file !== undefined) {
  setInterval(() => {
    try {
      offsetMs = Number(readFileSync(file, 'utf8'));
    } catch {
      offsetMs = 0;
    }
  }, LOOK_MS).unref();
  globalThis.Date = new Proxy(RightDate, {
    construct: (target, args, as) => Reflect.construct(target, args.length === 0 ? [target.now() + offsetMs] : args, as),
    get: (target, name, as) => (name === 'now' ? () => target.now() + offsetMs : Reflect.get(target, name, as)),
  });
}
