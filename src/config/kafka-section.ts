import { Type } from 'typebox';

const secretText = (description: string) => Type.Optional(Type.String({ minLength: 1, secret: true, description }));

/** Settings of the log on Apache Kafka. */
export const KafkaSection = Type.Object(
  {
    brokers: Type.Array(Type.String({ pattern: '^[^:/\\s]+:[0-9]{1,5}$', examples: ['kafka-1:9092'] }), {
      default: [],
      description: 'Some brokers, each `host:port`; the others are found through them.',
    }),
    client_id: Type.String({
      minLength: 1,
      default: 'transaction-guardian',
      description: 'Name of the program in the logs and quotas of the brokers.',
    }),
    prefix: Type.String({
      default: '',
      pattern: '^[a-zA-Z0-9._-]{0,100}$',
      description: 'In front of the name of each topic and consumer group, where several installations share the brokers.',
    }),
    replication_factor: Type.Integer({
      minimum: -1,
      maximum: 32,
      default: -1,
      description: 'Copies of each partition in topics that guardian makes; -1: `default.replication.factor` of the brokers.',
    }),
    spool_max_bytes: Type.Integer({
      minimum: 0,
      default: 1_073_741_824,
      description:
        'Maximum bytes of accepted records that each API process holds in `spool` of its data directory while the brokers are away; above it, requests are answered with 503. 0: nothing is held.',
    }),
    request_timeout_s: Type.Number({ exclusiveMinimum: 0, default: 10, description: 'Longest wait for one answer of a broker.' }),
    tls: Type.Object(
      {
        enabled: Type.Boolean({ default: false, description: 'Encrypt the connections to the brokers.' }),
        verify: Type.Boolean({ default: true, description: 'Refuse a broker whose certificate is not valid for its name.' }),
        ca: secretText('Certificates of the authority, PEM, e.g. `{ file: /etc/kafka/ca.pem }`. Unset: those of Node.'),
        cert: secretText('Certificate of this client, PEM, where the brokers ask for one.'),
        key: secretText('Private key of this client, PEM.'),
      },
      { additionalProperties: false },
    ),
    sasl: Type.Object(
      {
        mechanism: Type.Enum(['none', 'PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'], {
          default: 'none',
          description: 'How to sign in at the brokers. `PLAIN` sends the password as it is: only with TLS.',
        }),
        username: Type.Optional(Type.String({ minLength: 1, description: 'User at the brokers.' })),
        password: secretText('Password of the user, e.g. `{ file: /run/secrets/kafka }`.'),
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
