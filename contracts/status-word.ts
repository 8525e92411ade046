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
    ...['declined', 'refused', 'rejected', 'decline', 'notauthorized'],
    ...['negada', 'negado', 'recusada', 'recusado', 'rejeitada', 'rejeitado', 'naoautorizada', 'naoautorizado'],
    ...['denegada', 'denegado', 'rechazada', 'rechazado'],
  ],
  failed: ['error', 'failure', 'fail', 'errored', 'timeout', 'falha', 'falhou', 'erro', 'fallida', 'fallido'],
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

/** Every word that `statusOfWord` knows, for "did you mean". */
export const STATUS_WORDS: readonly string[] = [...STATUSES, ...Object.values(WORDS).flat()];

/** The status that a word of a file stands for, also in the plural (`negadas`); undefined for a word that is not known. */
export function statusOfWord(word: string): Status | undefined {
  const name = plain(word);
  return BY_WORD.get(name) ?? (name.endsWith('s') ? BY_WORD.get(name.slice(0, -1)) : undefined);
}

function plain(word: string): string {
  return word
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
}
