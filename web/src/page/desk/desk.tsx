import { lazy, Suspense, type ComponentType } from 'react';
import type { DeskLayerProps } from './desk-layer.tsx';

/** Without its code, as after an upgrade of the server, the page goes on; the next load has it. */
const DeskLayer = lazy(async (): Promise<{ readonly default: ComponentType<DeskLayerProps> }> => {
  try {
    return { default: (await import('./desk-layer.tsx')).DeskLayer };
  } catch {
    return { default: () => null };
  }
});

/** What comes after the first script. */
export function DeskSlot(props: DeskLayerProps) {
  return (
    <Suspense fallback={null}>
      <DeskLayer {...props} />
    </Suspense>
  );
}
