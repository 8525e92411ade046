import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../bootstrap/paths.mjs';
import { installMissing } from './install.mjs';

const VERSION = '4.4.0';
const LOG4J = '2.25.3';
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
/** Broker and tools, from Maven Central. They are no dependency of the project, so they go into the cache beside the modules. */
const libs = join(cacheDir, `kafka-${VERSION}`);
/** Whom the listener with SASL lets in. */
export const SASL_USER = { username: 'guardian', password: 's3cret' };

const dependency = (group, artifact, version, inner = '') =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${inner}</dependency>`;
// Without Connect, which brings a web server.
const NO_CONNECT =
  '<exclusions><exclusion><groupId>org.apache.kafka</groupId><artifactId>connect-runtime</artifactId></exclusion></exclusions>';
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>guardian</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging><dependencies>
${dependency('org.apache.kafka', 'kafka_2.13', VERSION)}
${dependency('org.apache.kafka', 'kafka-tools', VERSION, NO_CONNECT)}
${dependency('org.apache.logging.log4j', 'log4j-slf4j-impl', LOG4J)}
${dependency('org.apache.logging.log4j', 'log4j-core', LOG4J)}
</dependencies></project>
`;

const LOGGING = `<Configuration><Appenders><Console name="out"><PatternLayout pattern="%d %p %m (%c)%n"/></Console></Appenders><Loggers>
<Root level="WARN"><AppenderRef ref="out"/></Root><Logger name="kafka.server.KafkaRaftServer" level="INFO"/></Loggers></Configuration>
`;

function install() {
  installMissing(['default-jre-headless', 'openssl']);
  if (existsSync(libs)) return;
  installMissing(['maven']);
  const making = `${libs}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  writeFileSync(join(making, 'pom.xml'), POM);
  console.error(`Getting Kafka ${VERSION} from Maven Central...`);
  const { status, stdout, stderr } = spawnSync('mvn', ['-q', '-B', COPY, `-DoutputDirectory=${join(making, 'libs')}`], {
    cwd: making,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`mvn could not get Kafka ${VERSION}: ${(stdout + stderr).trim().slice(-500)}`);
  renameSync(making, libs);
}

function properties(folder, port) {
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.bootstrap.servers': `127.0.0.1:${port + 93}`,
    // Clients of WAY are sent to port + 96: a proxy of the tests that stands before port + 95.
    listeners: `PLAINTEXT://127.0.0.1:${port + 92},CONTROLLER://127.0.0.1:${port + 93},SASL://127.0.0.1:${port + 94},WAY://127.0.0.1:${port + 95},TLS://127.0.0.1:${port + 97}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port + 92},SASL://127.0.0.1:${port + 94},WAY://127.0.0.1:${port + 96},TLS://127.0.0.1:${port + 97}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,WAY:PLAINTEXT,TLS:SSL',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-256,SCRAM-SHA-512',
    ...Object.fromEntries(
      [256, 512].map((bits) => [
        `listener.name.sasl.scram-sha-${bits}.sasl.jaas.config`,
        'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      ]),
    ),
    'listener.name.tls.ssl.keystore.type': 'PEM',
    'listener.name.tls.ssl.keystore.location': join(folder, 'tls', 'broker.pem'),
    'listener.name.tls.ssl.truststore.type': 'PEM',
    'listener.name.tls.ssl.truststore.location': join(folder, 'tls', 'ca.pem'),
    'listener.name.tls.ssl.client.auth': 'required',
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 5,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 5,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // A busy machine stood still for longer than the nine seconds after which the controller takes a broker for dead. One that comes back after
    // a kill waits for the rest of this.
    'broker.session.timeout.ms': 18_000,
    'group.initial.rebalance.delay.ms': 0,
    // Groups find each other in a moment instead of five seconds.
    'group.consumer.min.heartbeat.interval.ms': 200,
    'group.consumer.heartbeat.interval.ms': 200,
    // A worker that died is replaced after ten seconds: five heartbeats at two seconds, in place of 45 s.
    'group.consumer.min.session.timeout.ms': 6000,
    'group.consumer.session.timeout.ms': 10_000,
    'auto.create.topics.enable': false,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

const environment = { CLASSPATH: join(libs, 'libs', '*') };
const LIGHT = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

/** An authority, a certificate of the broker and one of a client, for the listener with TLS; another authority, which signed nothing. */
function makeCertificates(folder) {
  const tls = join(folder, 'tls');
  if (existsSync(tls)) return;
  mkdirSync(tls, { recursive: true, mode: 0o700 });
  const openssl = (...args) => execFileSync('openssl', args, { cwd: tls, stdio: 'ignore' });
  const keyed = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30'];
  for (const ca of ['ca', 'other']) openssl('req', '-x509', ...keyed, '-subj', `/CN=${ca}`, '-keyout', `${ca}.key`, '-out', `${ca}.pem`);
  for (const [name, extra] of [
    ['broker', 'subjectAltName=IP:127.0.0.1'],
    ['client', 'extendedKeyUsage=clientAuth'],
  ]) {
    openssl('req', ...keyed, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
    writeFileSync(join(tls, 'extra'), extra);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30', '-extfile', 'extra'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.crt`);
  }
  // The broker reads its key and its certificate from one file.
  writeFileSync(join(tls, 'broker.pem'), ['broker.key', 'broker.crt'].map((name) => readFileSync(join(tls, name), 'utf8')).join(''));
}

function prepare(folder, port) {
  makeCertificates(folder);
  writeFileSync(join(folder, 'kafka.properties'), properties(folder, port));
  writeFileSync(join(folder, 'log4j2.xml'), LOGGING);
  if (existsSync(join(folder, 'data', 'meta.properties'))) return;
  const users = [256, 512].flatMap((bits) => [
    '--add-scram',
    `SCRAM-SHA-${bits}=[name=${SASL_USER.username},password=${SASL_USER.password}]`,
  ]);
  const format = ['kafka.tools.StorageTool', 'format', '--standalone', '-t', 'MkU3OEVBNTcwNTJENDM2Qg', '-c', 'kafka.properties', ...users];
  const { status, stdout, stderr } = spawnSync('java', [...LIGHT, ...format], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  if (status !== 0) throw new Error(`Kafka could not format its folder: ${(stdout + stderr).trim().slice(-1000)}`);
}

/** Apache Kafka: one broker, with a listener for everybody and one with SASL. */
export const kafka = {
  stopSignal: 'SIGTERM',
  install,
  prepare,
  command: () => ({
    program: 'java',
    args: ['-Xms128m', '-Xmx400m', ...LIGHT, '-Dlog4j2.configurationFile=log4j2.xml', 'kafka.Kafka', 'kafka.properties'],
    env: environment,
  }),
  isReady: async (_port, said) => said.includes('Kafka Server started'),
  describe: (port) => `Kafka ${VERSION} at 127.0.0.1:${port + 92}, with SASL at 127.0.0.1:${port + 94} (${SASL_USER.username})`,
};
