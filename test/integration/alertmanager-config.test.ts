import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, test } from 'node:test';

const DEPLOY = join(import.meta.dirname, '../../deploy');
const CONFIG = join(DEPLOY, 'alertmanager/alertmanager.yml');

function run(program: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  assert.equal(error, undefined, `${program}: "npm run test:services" installs it`);
  assert.equal(status, 0, `${program} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

describe('what ships for Alertmanager and Prometheus', () => {
  test('the configuration of Alertmanager is valid', () => {
    assert.match(run('amtool', 'check-config', CONFIG), /SUCCESS/);
  });

  test('each alert goes where it should', () => {
    const routed = (...labels: string[]) =>
      run('amtool', 'config', 'routes', 'test', `--config.file=${CONFIG}`, 'service=transaction-guardian', ...labels).trim();
    assert.equal(routed('alertname=GuardianZeroTransactions', 'severity=critical', 'cause=fleet'), 'clawdbot-critical,slack-monitoring');
    assert.equal(routed('alertname=GuardianLowVolume', 'severity=warning', 'merchant=m-1'), 'slack-monitoring');
    assert.equal(routed('alertname=GuardianDriftWarning', 'severity=info'), 'slack-monitoring');
    assert.equal(routed('alertname=DeadMan', 'severity=none'), 'dead-man');
    assert.equal(routed('alertname=GuardianNoProvenDelivery', 'severity=critical'), 'clawdbot-critical,slack-monitoring');
  });

  test('the configuration and the rules of Prometheus are valid, and each rule fires when it should and not before', () => {
    assert.match(run('promtool', 'check', 'config', join(DEPLOY, 'prometheus/prometheus.yml')), /SUCCESS/);
    run('promtool', 'check', 'rules', join(DEPLOY, 'prometheus/rules/alerts.yml'), join(DEPLOY, 'prometheus/rules/recording.yml'));
    assert.match(run('promtool', 'test', 'rules', join(DEPLOY, 'prometheus/tests/rules.yml')), /SUCCESS/);
  });
});
