import { STATUSES, type Status } from './status.ts';

/** What payment systems call each status, in English, Portuguese and Spanish; compared without case, accents and signs. */
const WORDS: Readonly<Record<Status, readonly string[]>> = {
  approved: [
    ...[
      'success',
      'successful',
      'succeeded',
      'completed',
      'complete',
      'captured',
      'paid',
      'authorized',
      'authorised',
      'settled',
      'accepted',
    ],
    ...['aprovada', 'aprovado', 'concluida', 'concluido', 'capturada', 'capturado', 'paga', 'pago', 'autorizada', 'autorizado', 'sucesso'],
    ...['aprobada', 'aprobado', 'exitosa', 'exitoso'],
  ],
  denied: [
    ...['declined', 'refused', 'rejected', 'decline', 'notauthorized', 'notauthorised', 'unauthorized', 'unauthorised', 'notapproved'],
    ...['negada', 'negado', 'recusada', 'recusado', 'rejeitada', 'rejeitado'],
    ...['naoautorizada', 'naoautorizado', 'naoaprovada', 'naoaprovado'],
    ...['denegada', 'denegado', 'rechazada', 'rechazado', 'noautorizada', 'noautorizado', 'noaprobada', 'noaprobado'],
  ],
  failed: [
    ...['error', 'failure', 'fail', 'errored', 'timeout', 'timedout', 'unsuccessful', 'notsuccessful'],
    ...['falha', 'falhou', 'erro', 'fallida', 'fallido'],
  ],
  reversed: [
    'reversal',
    'chargeback',
    'chargedback',
    'voided',
    'void',
    'estornada',
    'estornado',
    'estorno',
    'revertida',
    'revertido',
    'reversada',
  ],
  backend_reversed: ['backendreversal', 'systemreversed', 'estornadapelosistema'],
  refunded: ['refund', 'reembolsada', 'reembolsado', 'reembolso', 'devolvida', 'devolvido', 'devolucao', 'reintegrada'],
  processing: ['pending', 'inprogress', 'processando', 'pendente', 'emprocessamento', 'emandamento', 'pendiente', 'procesando'],
};

const BY_WORD: ReadonlyMap<string, Status> = new Map(
  STATUSES.flatMap((status) => [status, ...WORDS[status]].map((word): [string, Status] => [plain(word), status])),
);

const STATUS_WORDS: readonly string[] = [...STATUSES, ...Object.values(WORDS).flat()];
/** How a text begins that says the opposite of a word in it. */
const NEGATION = /^\s*(?:n[aã]o|not?|non|un|in|mal)/i;

/** The status that a word of a file stands for, also in the plural (`negadas`); undefined for a word that is not known. */
export function statusOfWord(word: string): Status | undefined {
  const name = plain(word);
  return BY_WORD.get(name) ?? (name.endsWith('s') ? BY_WORD.get(name.slice(0, -1)) : undefined);
}

/** What may have been meant by a text that stands for no status. `near`: words to look for a similar one among; `inside`: a known
 *  word that stands in it, as in "Failed - no funds". A text that begins with a negation never means good news. */
export function meantBy(text: string): { readonly near: readonly string[]; readonly inside: string | undefined } {
  const isNegated = NEGATION.test(text);
  const mayBeMeant = (word: string): boolean => {
    const status = statusOfWord(word);
    return status !== undefined && !(isNegated && status === 'approved');
  };
  return {
    near: STATUS_WORDS.filter(mayBeMeant),
    inside: text
      .toLowerCase()
      .split(/[^\p{L}]+/u)
      .find(mayBeMeant),
  };
}

function plain(word: string): string {
  return word
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
}
