import type { ActCommand } from './command.ts';
import { referenceOf } from './read-reference.ts';

const LINK =
  /^(?:(?:meu |my |um |a |novo |new )?(?:link|login)|(?:quero |preciso )?entrar|sign in|log in|acesso|(?:abrir |open )(?:o |the )?(?:console|painel))(?: (?:(?:do|para o|to the|for the) )?(?:console|painel))?$/;
const LINK_OF = /^(?:link|abrir|abre|open)(?: (.+))$/;

/** "link", "link 2", "abrir o 2": a link of one's own to the console, to the page of what it points at. Pure. */
export function readLink(line: string): ActCommand | null {
  if (LINK.test(line)) return { verb: 'link', of: null };
  const said = LINK_OF.exec(line)?.[1];
  const of = said === undefined ? null : referenceOf(said);
  return of === null || of.kind === 'all' ? null : { verb: 'link', of };
}
