import { knownMatchers, matchesAll, type Labels } from '../../match/matcher.ts';
import type { Route } from './config.ts';

/** The receivers that get an alert, by name. `named`: a route gives it to them by its type or severity, so that they asked for it. */
export type Routing = (labels: Labels) => ReadonlyMap<string, 'yes' | 'named'>;

/** What a route did with an alert. */
export interface RouteStep {
  /** Place in `alert.routes`, from 0. */
  readonly index: number;
  readonly receivers: readonly string[];
  readonly goesOn: boolean;
}

/** Where an alert goes: the routes that took it, from the top. Empty: none did, and it goes to every receiver. */
export type RouteTrace = (labels: Labels) => readonly RouteStep[];

const ASKS_BY_NAME: ReadonlySet<string> = new Set(['alertname', 'severity', 'type']);

/** Compiles the routes for a look at single decisions: from the top, the first route that an alert meets takes it, and the
 *  later ones too where it says `continue`. Pure. */
export function createRouteTrace(routes: readonly Route[]): RouteTrace {
  const compiled = routes.map((route, index) => ({ ...route, index, conditions: knownMatchers(route.matchers) }));
  return (labels) => {
    const steps: RouteStep[] = [];
    for (const route of compiled) {
      if (!matchesAll(route.conditions, labels)) continue;
      steps.push({ index: route.index, receivers: route.receivers, goesOn: route.continue });
      if (!route.continue) break;
    }
    return steps;
  };
}

/** Compiles the routes. An alert that no route takes goes to every receiver: nothing is lost for want of a route. Pure. */
export function createRouting(routes: readonly Route[], receivers: readonly string[]): Routing {
  const trace = createRouteTrace(routes);
  const how = routes.map(({ matchers }) => (knownMatchers(matchers).some(({ name }) => ASKS_BY_NAME.has(name)) ? 'named' : 'yes'));
  const everyone = new Map(receivers.map((name) => [name, 'yes' as const]));
  return (labels) => {
    const steps = trace(labels);
    if (steps.length === 0) return everyone;
    const result = new Map<string, 'yes' | 'named'>();
    for (const { index, receivers: names } of steps)
      for (const name of names) if (result.get(name) !== 'named') result.set(name, how[index] ?? 'yes');
    return result;
  };
}

/** Names of the receivers that get what no route takes: a second channel of another one gets what routes name, and what that one did
 *  not prove. Pure. */
export function routedByDefault(receivers: readonly { readonly name: string; readonly backup?: string | undefined }[]): string[] {
  const backups = new Set(receivers.flatMap(({ backup }) => (backup === undefined ? [] : [backup])));
  return receivers.map(({ name }) => name).filter((name) => !backups.has(name));
}
