import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const LIST = 'scripts/words.json';
/** Documents and code whose words are checked. Measured records, generated pages and vocabularies of input are not prose of ours. */
const FILES = ['README.md', 'CONTRIBUTING.md', 'docs/**/*.md', '{src,contracts,web,bench}/**/*.{ts,tsx}'];
const SKIP = /node_modules|\/dist\/|\.test\.|\.conformance\.|docs\/(scorecard|configuration)\.md$|src\/chat\/(grammar|period)\//;
/** Queries are code: the names of their columns stay. */
const SQL = /^[^\n]{0,60}\b(?:select|insert into|update|delete from|with|create|alter)\b/i;

/** Problems of the words below `root`, as `file:line: "word" is not a term of the field, write ...`. The list holds patterns (`word`, whole words, any case),
 *  what to write instead (`say`) and phrases in which the word is right (`allow`). */
export function checkWords(root) {
  const rules = readRules(root);
  if (rules.length === 0) return [];
  const any = new RegExp(rules.map(({ source }) => source).join('|'), 'i');
  return globSync(FILES, { cwd: root })
    .filter((file) => !SKIP.test(file))
    .toSorted()
    .flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      if (!any.test(text)) return [];
      const pieces = file.endsWith('.md') ? proseOf(text) : sentencesOf(text);
      return pieces.flatMap((piece) => problemsIn(file, piece, rules));
    });
}

function readRules(root) {
  let list;
  try {
    list = readFileSync(join(root, LIST), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
  return JSON.parse(list).map(({ word, say, allow = [] }) => {
    const source = `(?<![\\w.$-])(?:${word.replaceAll(' ', String.raw`(?:\s|\n\s*(?:\*|//))+`)})(?![\\w-])`;
    return { source, say, allow: allow.map((phrase) => new RegExp(`(?<!\\w)(?:${phrase})(?!\\w)`, 'gi')) };
  });
}

function problemsIn(file, { text, line }, rules) {
  return rules.flatMap(({ source, say, allow }) => {
    const rest = allow.reduce((left, phrase) => left.replaceAll(phrase, blank), text);
    return [...rest.matchAll(new RegExp(source, 'gi'))].map(({ 0: found, index }) => {
      const word = found.replaceAll(/\s+(?:(?:\*|\/\/)\s+)?/g, ' ');
      return `${file}:${line + linesIn(rest.slice(0, index))}: "${word}" is not a term of the field, write: ${say} (${LIST})`;
    });
  });
}

const linesIn = (text) => text.split('\n').length - 1;

/** As long as before and without letters, so that positions stay. */
const blank = (text) => text.replaceAll(/[^\n]/g, ' ');

/** The prose of a document: neither code nor addresses. */
function proseOf(text) {
  const prose = text
    .replaceAll(/^\s*(`{3,})[^\n]*\n[\s\S]*?^\s*\1\s*$/gm, blank)
    .replaceAll(/`[^`\n]+`/g, blank)
    .replaceAll(/\]\([^)\s]+\)/g, blank);
  return [{ text: prose, line: 1 }];
}

const TOKEN = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g;

/** Comments and texts of a source file: strings that hold a sentence and no query. */
function sentencesOf(text) {
  return [...text.matchAll(TOKEN)]
    .filter(({ 0: token }) => token.startsWith('/') || (/\S\s\S/.test(token) && !SQL.test(token.slice(1).trim())))
    .map(({ 0: token, index }) => ({
      // Inline code is no prose: of a comment what stands in backquotes, of a template what it computes.
      text: token.startsWith('`') ? token.replaceAll(/\$\{[^}]*\}/g, blank) : token.replaceAll(/`[^`\n]+`/g, blank),
      line: 1 + linesIn(text.slice(0, index)),
    }));
}
