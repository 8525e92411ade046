import type { IncomingHttpHeaders } from 'node:http';

/** Headers that proxies, load balancers, tunnels and content networks add. A program that speaks to us itself has no reason
 *  to send one, so one that is unknown here and looks like these counts too. */
const FORWARDED = new RegExp(
  `^(?:${[
    'forwarded(?:-.+)?',
    'via',
    'x-forwarded(?:-.+)?',
    'x-forward-.+',
    'x-original-.+',
    'x-rewrite-url',
    'x-(?:real|client|cluster-client|remote|true-client|proxyuser|appengine-user)-?ip',
    'x-remote-addr',
    'x-(?:envoy|azure|arr|amzn|amz-cf|vercel|nf|proxy|ms-client|sucuri|appengine|google|akamai)-.+',
    'x-(?:scheme|url-scheme|host|server-name)',
    'front-end-https',
    '(?:true-)?client-ip',
    '.+-connecting-ip',
    'cf-.+',
    'cdn-loop',
    '(?:fastly|fly|akamai|incap|ngrok|tailscale|wl-proxy|proxy)-.+',
  ].join('|')})$`,
);

/** Whether a request came through something that passes requests on. Pure. */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  for (const name in headers) if (FORWARDED.test(name)) return true;
  return false;
}
