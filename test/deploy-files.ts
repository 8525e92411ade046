import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

export const ROOT = join(import.meta.dirname, '..');
export const DEPLOY = join(ROOT, 'deploy');
export const KUBERNETES = join(DEPLOY, 'kubernetes');

export type Tree = { readonly [key: string]: unknown };

/** Files below a folder with that name or ending, as paths. */
export function filesBelow(folder: string, ending: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** `guardian.yaml` of each form of the program. */
export const settingsFiles = (): readonly string[] => filesBelow(DEPLOY, 'guardian.yaml');

/** Folders with a kustomization that can be applied: components are parts of others. */
export function kustomizations(): readonly string[] {
  return filesBelow(KUBERNETES, 'kustomization.yaml')
    .filter((file) => readYaml(file)['kind'] === 'Kustomization')
    .map((file) => join(file, '..'));
}

export const readYaml = (file: string): Tree => parse(readFileSync(file, 'utf8'), { merge: true }) as Tree;

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

/** Containers of every resource in a file. */
export function containersOf(text: string): readonly Container[] {
  const found: Container[] = [];
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(walk);
    if (typeof node !== 'object' || node === null) return;
    for (const [key, child] of Object.entries(node)) {
      if ((key === 'containers' || key === 'initContainers') && Array.isArray(child)) found.push(...(child as Container[]));
      walk(child);
    }
  };
  for (const document of parseAllDocuments(text)) walk(document.toJS());
  return found;
}

export interface ComposeService {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile?: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly configs?: readonly (string | { readonly source: string })[];
  readonly secrets?: readonly (string | { readonly source: string })[];
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly network_mode?: string;
  readonly networks?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly healthcheck?: Tree;
  readonly deploy?: Tree;
  readonly profiles?: readonly string[];
  readonly user?: string;
}

export interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Tree;
  readonly networks?: Tree;
  readonly configs?: Readonly<Record<string, { readonly file: string }>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
}

/** Everything in one container, and a process for each role. */
export const COMPOSE_FILES: readonly string[] = ['docker-compose.yml', 'docker-compose.production.yml'].map((name) => join(ROOT, name));
export const readCompose = (file: string): Compose => readYaml(file) as unknown as Compose;
