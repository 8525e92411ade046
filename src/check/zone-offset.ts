/** Makes the offset of one IANA zone: local time minus UTC at an instant, milliseconds. Each call asks the tables of the zone: keep what
 *  is asked again and again. Throws RangeError for an unknown zone. */
export function createZoneOffset(timeZone: string): (utcMs: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    era: 'short',
  });
  return (utcMs) => {
    const whole = Math.floor(utcMs / 1000) * 1000;
    const part: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(whole)) part[type] = value;
    const of = (name: string): number => Number(part[name]);
    const year = part['era'] === 'BC' ? 1 - of('year') : of('year');
    return Date.UTC(year, of('month') - 1, of('day'), of('hour'), of('minute'), of('second')) - whole;
  };
}
