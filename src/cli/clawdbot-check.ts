import { checkGateway, sendTestPage, WEBHOOK_PATH } from '../clawdbot/check-gateway.ts';
import { originOf } from '../config/config-settings.ts';
import type { Cli } from './cli.ts';
import type { Check } from './doctor-checks.ts';

/** The way to the phone and back, for each receiver that is a gateway with the plugin. `isPaged`: a test page is sent too. */
export async function checkClawdbot(cli: Cli, isPaged: boolean): Promise<readonly Check[]> {
  const gateways = cli.loadedConfig().config.alert.receivers.flatMap((receiver) => {
    if (receiver.kind !== 'webhook' || receiver.token === undefined || !URL.canParse(receiver.url)) return [];
    return new URL(receiver.url).pathname === WEBHOOK_PATH ? [{ name: receiver.name, url: receiver.url, token: receiver.token }] : [];
  });
  return Promise.all(
    gateways.map(async (gateway) => {
      const name = cli.say('doctor.clawdbot', { name: gateway.name });
      const { code, detail } = await checkGateway(gateway);
      const said = cli.say(`doctor.clawdbot.${code}`, { url: originOf(gateway.url), message: detail });
      if (code !== 'ok' || !isPaged) return { name, ok: code === 'ok', detail: said };
      const message = await sendTestPage(gateway, cli.say('doctor.clawdbot.page'), cli.clock.now());
      return message === null
        ? { name, ok: true, detail: cli.say('doctor.clawdbot.page_ok') }
        : { name, ok: false, detail: cli.say('doctor.clawdbot.page_failed', { message }) };
    }),
  );
}
