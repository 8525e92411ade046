import assert from 'node:assert/strict';
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { hasCardNumber, isCardNumber, maskCardNumbers } from './card-number.ts';

test('a card number is found in any writing', () => {
  for (const text of [
    '4111111111111111',
    '4111 1111 1111 1111',
    '4111-1111-1111-1111',
    '4111.1111.1111.1111',
    'paid with 5555555555554444 today',
    '378282246310005',
    '30569309025904',
    '6011000990139424',
    '4222222222222',
    '2223003122003222',
    'x4111111111111111y',
    '4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1',
    'tel 11 4111 1111 1111 1111',
    '1234567812345670',
    '4111/1111/1111/1111',
    '4111_1111_1111_1111',
    '4111,1111,1111,1111',
    '4111 / 1111-1111:1111'.replace(' / ', '/ '),
    '4111\u200b1111\u200b1111\u200b1111',
    Array.from('4111111111111111').join('\u200b\ufeff\u2060'),
    Array.from('4111111111111111')
      .map((digit) => String.fromCodePoint(0xff10 + Number(digit)))
      .join(''),
    Array.from('4111111111111111')
      .map((digit) => String.fromCodePoint(0x0660 + Number(digit)))
      .join(' '),
    Array.from('4111111111111111')
      .map((digit) => String.fromCodePoint(0x1d7d8 + Number(digit)))
      .join(''),
    Array.from('4111111111111111')
      .map((digit) => `${digit}\ufe0f\u20e3`)
      .join(''),
    '41111111111111110000',
    '00004111111111111111',
    '000041111111111111110000',
    '0041111111111111117812345',
    '378282246310005123456789',
    'id 4111 1111 1111 1111123',
    '4111    1111    1111    1111',
    '4111///1111///1111///1111',
    '4111x1111x1111x1111',
    '4111 - - 1111 / / 1111 _ _ 1111',
    '3782---822463---10005',
    'card 5555 and 5555 and 5555 and 4444',
    '4x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1',
    '41a11a11a11a11a11a11a11',
    '41111111-1111-1111-8111-111111111111',
    '41111111-1111-1111-0bcd-abcdefabcdef',
    '00000000-0000-0000-4111-111111111111',
    'tx-41111111-1111-1111-0bcd-abcdefabcdef',
    'pedido f47ac10b-58cc-4372-a567-0e02b2c3d479 de 41111111-1111-1111-8111-111111111111',
  ]) {
    assert.equal(hasCardNumber(text), true, text);
  }
});

test('what is not a card number is left alone', () => {
  for (const text of [
    '4111111111111112',
    'order 123456789012',
    '12345678901234567890',
    'f47ac10b-58cc-4372-a567-0e02b2c3d479',
    '11111111-1111-4111-8111-111111111111',
    '1763827200123',
    '20250712134500',
    '0000000000000000',
    '9f86d081884c7d659a2feaa0c55ad015',
    'order f47ac10b-58cc-a372-4567-012345678901 of f47ac10b-5812-4372-4567-012345678901',
    '529.982.247-25',
    '52998224725',
    '11.222.333/0001-81',
    '11222333000181',
    '36.123.456/0001-95',
    'NSU 000123456789',
    '2026-11-22 12:05:01.123456',
    '192.168.100.200:54321',
    '١٢٣٤٥٦٧٨٩٠',
    'T4111L1111P1111N1111',
    '4111 lojas em 1111 dias, 1111 pedidos e 1111 vendas',
    '41111111-1111-4111-8abc-abcdefabcdef',
    'tx-41111111-1111-4111-8abc-abcdefabcdef',
    '',
  ]) {
    assert.equal(hasCardNumber(text), false, text);
  }
});

test('ids that begin with a date or a Unix time are no cards, whatever counts behind it', () => {
  const forms: ((n: number) => string)[] = [
    (n) => `20261128${String(n).padStart(6, '0')}-${String(n).padStart(4, '0')}`,
    (n) => `tx-20261128-${String(n * 7919).padStart(10, '0')}`,
    (n) => `tx-2026112812${String(n).padStart(4, '0')}${String(n).padStart(4, '0')}`,
    (n) => `${1_790_000_000_000 + n * 37}-${n}`,
    (n) => `${1_790_000_000 + n}-${String(n).padStart(5, '0')}`,
    (n) => `${1_790_000_000 + n}_${n}`,
  ];
  for (const form of forms) for (let n = 0; n < 2000; n += 1) assert.equal(hasCardNumber(form(n)), false, form(n));
});

test('a card behind a date or a time is still found', () => {
  for (const text of [
    '20261128-4111111111111111',
    '202611284111111111111111',
    '20261128143055 4111111111111111',
    '1790000000-4111111111111111',
  ])
    assert.equal(hasCardNumber(text), true, text);
});

test('a number is checked by its digits', () => {
  assert.equal(isCardNumber(4_111_111_111_111_111), true);
  assert.equal(isCardNumber(4_111_111_111_111_112), false);
  assert.equal(isCardNumber(120.5), false);
});

test('masking keeps the last four digits and the rest of the text', () => {
  assert.equal(maskCardNumbers('a 4111-1111-1111-1111 b 5555555555554444'), 'a ****-****-****-1111 b ************4444');
  assert.equal(maskCardNumbers('nothing here'), 'nothing here');
  assert.equal(maskCardNumbers('a 4111    1111    1111    1111 b'), 'a ****    ****    ****    1111 b');
  assert.equal(maskCardNumbers('4111x1111x1111x1111 378282246310005'), '****x****x****x1111 ***********0005');
  assert.equal(maskCardNumbers('41111111-1111-1111-8111-111111111111'), '********-****-1111-8111-111111111111');
  assert.equal(
    maskCardNumbers('tx-41111111-1111-1111-0bcd-abcdefabcdef of 4111 1111 1111 1111'),
    'tx-********-****-1111-0bcd-abcdefabcdef of **** **** **** 1111',
  );
});

test('fewer than one honest long id in ten is refused', () => {
  for (const length of [17, 18, 19, 20, 24, 44]) {
    let seed = length;
    let refused = 0;
    for (let round = 0; round < 2000; round++) {
      let id = '';
      while (id.length < length) {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        id += Math.floor(seed / 65_536) % 10;
      }
      if (hasCardNumber(id)) refused++;
    }
    assert.ok(refused < 200, `${refused} of 2000 ids of ${length} digits`);
  }
});

test('ids that machines make are not refused', () => {
  const base32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const makers = {
    uuid: () => randomUUID(),
    ulid: () => `01KB${Array.from(randomBytes(22), (byte) => base32[byte % 32]).join('')}`,
    digest: () => randomBytes(16).toString('hex'),
    nano: () => randomBytes(16).toString('base64url'),
    terminal: () => `T${randomInt(1000, 9999)}L${randomInt(1000, 9999)}P${randomInt(1000, 9999)}N${randomInt(1000, 9999)}`,
    store: () => `store-${randomInt(1000, 9999)}-pos-${randomInt(1000, 9999)}-nsu-${randomInt(100_000, 999_999)}`,
  };
  for (const [name, make] of Object.entries(makers)) {
    const refused = Array.from({ length: 20_000 }, make).filter(hasCardNumber);
    assert.ok(refused.length <= 1, `${name}: ${refused.join(' ')}`);
  }
});

test('a number in digits of another script is masked', () => {
  const wide = Array.from('4111111111111111')
    .map((digit) => String.fromCodePoint(0xff10 + Number(digit)))
    .join('');
  assert.equal(maskCardNumbers(`a ${wide} b`), `a ${'*'.repeat(12)}${wide.slice(-4)} b`);
  assert.equal(maskCardNumbers('4111/1111/1111/1111'), '****/****/****/1111');
  assert.equal(maskCardNumbers('x41111111111111110000'), 'x************11110000');
});

test('a number that a URL escapes is found and masked', () => {
  for (const text of ['4111%201111%201111%201111', '%34111111111111111', 'pan=4111%2D1111%2D1111%2D1111&x=1'])
    assert.ok(hasCardNumber(text), text);
  assert.equal(maskCardNumbers('4111%201111%201111%201111'), '****%20****%20****%201111');
  for (const text of ['100%2041 of 4111', '%%20', '50% of 1234567890', '%zz4111']) assert.ok(!hasCardNumber(text), text);
});

test('long texts cost time in proportion to their length', () => {
  for (const part of ['1', '1 ', '4 ', '41xx', '4111    ', '4/', '4111 1111 1111 1112 ', '\u200b1', '-1'.repeat(4), '%201']) {
    const text = part.repeat(Math.ceil(200_000 / part.length));
    // Time of the processor: what else the machine does is of no account.
    const start = process.cpuUsage().user;
    maskCardNumbers(text);
    hasCardNumber(text);
    assert.ok(process.cpuUsage().user - start < 2_000_000, JSON.stringify(part));
  }
});

test('times and addresses in log lines are hardly ever taken for card numbers', () => {
  let refused = 0;
  for (let at = 0; at < 5000; at++) {
    const time = new Date(1_600_000_000_000 + at * 20_000_017).toISOString().replace('T', ' ').replace('Z', '');
    if (hasCardNumber(`${time} 10.1.${at % 256}.7:54321`)) refused++;
  }
  assert.ok(refused < 250, `${refused} of 5000`);
});
