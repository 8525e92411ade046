import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../../simulate/random.ts';
import { ACTS, type Command } from './command.ts';
import { linesOf, readLine } from './read-line.ts';
import { suggestionsFor } from './suggest.ts';
import { anyText, mutated } from './test-texts.ts';

const SEEDED = 10_000;

/** Lines that act, as people write them. */
const ACT_LINES = [
  ...['ack 1', 'reconhecer o 2', 'acknowledge 1', 'estou acordado', "I'm awake", 'soneca 15m', 'snooze 2 for 1h', 'escalar 1'],
  ...['silenciar lojista loja-1 por 2h', 'silence merchant m-1 for 30m', 'encerrar silêncio 1', 'end silence 1', 'desfazer ack 1'],
  ...['cancelar soneca 1', 'undo snooze', 'útil 1', 'ruído 2', 'useful 1', 'noise 1', 'aceitar nível 1', 'accept level 1'],
  ...['runbook restart-api', 'executar runbook restart-api', 'run runbook clear-cache', 'confirmar 7K3M9QXA', 'confirm 7K3M9QXA'],
  ...['incidente API lenta', 'incident slow API', 'incidente 3 resolvido', 'incident 3 note it is back', 'link 1', 'entrar'],
  ...['aceito', 'aceitar briefing', 'accept', 'rebaixar 3f9a21c7', 'demote 3f9a21c7'],
];

test('ten thousand texts are read without a fault, and no act is taken from words that are not written right', () => {
  const random = createRandom('any text');
  const acts = new Map<string, number>();
  for (let n = 0; n < SEEDED; n += 1) {
    const text = anyText(random);
    for (const line of linesOf(text)) {
      const { command, isCorrected } = readLine(line);
      if (n % 10 === 0) assert.ok(suggestionsFor(line, ['status', 'alertas', 'anomalias última hora']).length <= 3);
      if (command === null || !ACTS.has(command.verb)) continue;
      acts.set(command.verb, (acts.get(command.verb) ?? 0) + 1);
      assert.equal(isCorrected, false, line);
      assert.deepEqual(readLine(line.toUpperCase()).command?.verb, command.verb, `${line}: case changes nothing`);
    }
  }
  assert.ok(acts.size >= 8, `the texts reach the acts: ${[...acts.keys()].join(', ')}`);
});

test('one letter that is wrong makes of an act the same act, a question or nothing, never another act', () => {
  const random = createRandom('one letter');
  const verb = (line: string): Command['verb'] | null => readLine(line).command?.verb ?? null;
  for (let n = 0; n < SEEDED; n += 1) {
    const line = ACT_LINES[random.below(ACT_LINES.length)] ?? '';
    const wrong = mutated(random, line);
    const [meant, read] = [verb(line), verb(wrong)];
    assert.ok(meant !== null && ACTS.has(meant), `${line} acts`);
    if (read !== null && ACTS.has(read)) assert.equal(read, meant, `${line} -> ${wrong}`);
  }
});
