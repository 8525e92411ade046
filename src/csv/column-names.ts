import { meantBy, statusOfWord } from '@transaction-guardian/contracts/status-word.ts';

/** Names of columns in English, Portuguese and Spanish, the usual ones first; compared by `plainName`. */
const NAMES = {
  timestamp: [
    ...['timestamp', 'time', 'datetime', 'date', 'ts', 'datahora', 'dataehora', 'data', 'horario', 'hora', 'minute', 'hour', 'day', 'ds'],
    ...['fechahora', 'fechayhora', 'fecha', 'minuto'],
  ],
  status: [
    ...['status', 'situacao', 'estado', 'estatus', 'transactionstatus', 'txstatus', 'paymentstatus', 'result', 'outcome', 'resultado'],
    ...['statustransacao', 'statusdatransacao', 'situacaodatransacao', 'statuspagamento', 'statusdopagamento', 'statuspedido'],
    ...['paymentstate', 'transactionstate', 'txstate', 'orderstatus', 'orderstate', 'statusdopedido', 'situacaodopedido', 'statut'],
    ...['situacaopagamento', 'situacaodopagamento', 'estadopago', 'estadodelpago', 'estadotransaccion', 'estadodelatransaccion'],
  ],
  count: ['count', 'f0', 'total', 'quantity', 'quantidade', 'qtd', 'contagem', 'cantidad', 'conteo', 'recuento'],
  value: ['value', 'valor', 'latencyms', 'latency', 'latenciams', 'latencia', 'y'],
  merchant_id: ['merchantid', 'merchant', 'lojista', 'loja', 'idlojista', 'storeid', 'store', 'comercio'],
  acquirer: ['acquirer', 'adquirente', 'acquirerid', 'processor'],
  auth_code: ['authcode', 'code', 'codigo'],
  label: ['label', 'labels', 'isanomaly', 'anomaly', 'class', 'rotulo'],
  /** Numbers that name a series and are no measure. */
  dimension: [
    'host',
    'node',
    'server',
    'machine',
    'device',
    'sensor',
    'instance',
    'region',
    'zone',
    'maquina',
    'servidor',
    'terminal',
    'unit',
    'tenant',
    'service',
    'servico',
    'servicio',
    'cluster',
    'shard',
    'partition',
    'country',
    'pais',
    'port',
  ],
  id: ['id'],
  amount: ['amount', 'amt', 'transactionamount', 'valordatransacao', 'valortransacao', 'importe', 'monto'],
  currency: ['currency'],
  card_bin: ['cardbin'],
  payment_method: ['paymentmethod'],
  customer_id: ['customerid'],
} as const;

/** What a column may be named as. */
export type NamedField = keyof typeof NAMES;

/** The first names of the column of times, for a refusal. */
export const TIME_NAMES = NAMES.timestamp.slice(0, 5).join(', ');

/** A name without case, accents and signs. */
export function plainName(name: string): string {
  return name
    .normalize('NFD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '');
}

/** Place of the column with the most usual name of a field; -1 where none has one. `columns`: plain names. */
export function findColumn(columns: readonly string[], field: NamedField): number {
  return NAMES[field].reduce((found: number, name) => (found >= 0 ? found : columns.indexOf(name)), -1);
}

/** True where the name of a column has a word of a status in it: `is_approved`, `success`. */
export function hasStatusWord(name: string): boolean {
  return statusOfWord(plainName(name).replace(/^(?:is|was|has)/, '')) !== undefined || meantBy(name).inside !== undefined;
}

/** True where the numbers of a column tell series apart and measure nothing: `host`, `sensor_id`. `name`: a plain name. */
export function namesSeries(name: string): boolean {
  return name !== 'id' && (name.endsWith('id') || isNamed('dimension', name) || isNamed('merchant_id', name) || isNamed('acquirer', name));
}

/** True where a plain name is one of the field. */
export function isNamed(field: NamedField, name: string): boolean {
  return (NAMES[field] as readonly string[]).includes(name);
}
