import type { AlertView } from '@transaction-guardian/contracts/alert-view.ts';
import type { MerchantRow } from '@transaction-guardian/contracts/stats.ts';

/** Most entries that are shown. */
const MOST = 12;

/** One entry of the palette. */
export interface PaletteItem {
  readonly id: string;
  readonly kind: 'page' | 'act' | 'alert' | 'merchant';
  readonly label: string;
  /** The key that does the same; '' without one. */
  readonly keys: string;
  readonly run: () => void;
}

/** The entries whose words contain all words of `query`, in their order; accents and case do not count. Pure. */
export function matching(items: readonly PaletteItem[], query: string): readonly PaletteItem[] {
  const words = plain(query).split(/\s+/).filter(Boolean);
  const isFound = ({ label }: PaletteItem) => words.every((word) => plain(label).includes(word));
  const found = items.filter(isFound);
  // Whoever has typed nothing wants to go or to act: names come when they are asked for.
  return (words.length === 0 ? found.filter(({ kind }) => kind !== 'merchant') : found).slice(0, MOST);
}

const plain = (text: string): string => text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();

/** What can be found: the alerts that fire, and the merchants of the table. */
export function foundItems(
  { alerts, merchants }: { readonly alerts: readonly AlertView[]; readonly merchants: readonly MerchantRow[] | null },
  nameOf: (alert: AlertView) => string,
  open: { readonly alert: (alert: AlertView) => void; readonly merchant: (id: string) => void },
): readonly PaletteItem[] {
  return [
    ...alerts.map((alert): PaletteItem => ({
      id: `alert-${alert.fingerprint}`,
      kind: 'alert',
      label: nameOf(alert),
      keys: '',
      run: () => open.alert(alert),
    })),
    ...(merchants ?? []).map(({ merchant_id: id }): PaletteItem => ({
      id: `merchant-${id}`,
      kind: 'merchant',
      label: id,
      keys: '',
      run: () => open.merchant(id),
    })),
  ];
}
