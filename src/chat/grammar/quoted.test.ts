import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLine } from './read-line.ts';
import { readScope } from './read-scope.ts';

const command = (line: string) => readLine(line).command;

test('a name in quotes is one word, whatever it holds; one kind of quotes stands within another', () => {
  for (const [line, name] of [
    ['negadas do lojista "Padaria Lua" ontem', 'Padaria Lua'],
    ['negadas do lojista “Café & Cia” ontem', 'Café & Cia'],
    ['denied for merchant "<b>X</b> *y* _z_" yesterday', '<b>X</b> *y* _z_'],
    ['negadas do lojista \'Bar "do Zé"\' ontem', 'Bar "do Zé"'],
    ['negadas do lojista `Bar "do Zé"` ontem', 'Bar "do Zé"'],
    ["negadas do lojista “D'Água” ontem", "D'Água"],
    ['negadas da loja 🚀 ontem', '🚀'],
  ] as const)
    assert.deepEqual(
      command(line),
      { verb: 'metric', metric: 'denied', slice: { of: 'merchant_id', name }, period: { kind: 'day', back: 1 } },
      line,
    );
});

test('a silence of a name in quotes hides that name, for its length', () => {
  for (const [line, name] of [
    ['silenciar lojista "Padaria Lua" por 2h', 'Padaria Lua'],
    ['silence merchant \'Bar "do Zé"\' for 2h please', 'Bar "do Zé"'],
  ] as const) {
    const read = command(line);
    assert.ok(read?.verb === 'silence', line);
    assert.deepEqual(read.length, { minutes: 120 });
    assert.deepEqual(readScope(read.scope), { kind: 'slice', slice: { of: 'merchant_id', name } });
  }
  assert.deepEqual(command('silenciar merchant_id="Padaria Lua" por 2h'), {
    verb: 'silence',
    scope: 'merchant_id="Padaria Lua"',
    length: { minutes: 120 },
  });
});

test('a parameter of a runbook may be in quotes', () => {
  const read = command('runbook silence-merchant merchant="Padaria Lua" time=1h');
  assert.deepEqual(read?.verb === 'runbook' ? read.args : null, ['merchant=Padaria Lua', 'time=1h']);
});

test('runs are cancelled and resumed by words that say so; what is near is not', () => {
  const [cancel, resume] = ['cancel_run', 'resume_run'] as const;
  for (const [line, read] of [
    ['cancelar runbook', { verb: cancel, run: null }],
    ['cancela o runbook restart-api', { verb: cancel, run: 'restart-api' }],
    ['stop the run', { verb: cancel, run: null }],
    ['retomar', { verb: resume, run: null }],
    ['resume runbook restart-api', { verb: resume, run: 'restart-api' }],
    ['continuar', { verb: 'more' }],
    ['cancelar', null],
    ['cancelar runbok', null],
  ] as const)
    assert.deepEqual(command(line), read, line);
});
