import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react';
import { useDeskWords } from '../parts/desk-words.ts';
import { matching, type PaletteItem } from './palette-items.ts';

interface PaletteProps {
  readonly items: readonly PaletteItem[];
  readonly onClose: () => void;
  /** Asks the chat what was typed. */
  readonly onAsk: (line: string) => void;
}

/** Goes to a page, acts on what is open, or finds an alert or a merchant, by a few letters. */
export function Palette({ items, onClose, onAsk }: PaletteProps) {
  const { d } = useDeskWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useId();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const line = query.trim();
  const ask: PaletteItem[] =
    line === '' ? [] : [{ id: 'ask', kind: 'act', label: d('desk.palette.ask', { line }), keys: '', run: () => onAsk(line) }];
  const shown = [...matching(items, query), ...ask];
  const chosen = shown[Math.min(at, shown.length - 1)];
  const choose = (item: PaletteItem | undefined) => {
    if (item === undefined) return;
    onClose();
    item.run();
  };
  const press = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) choose(chosen);
    else if (step !== 0) setAt((Math.min(at, shown.length - 1) + step + shown.length) % Math.max(1, shown.length));
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} className="palette" aria-label={d('desk.palette.label')} onClose={onClose}>
      <input
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={chosen === undefined ? undefined : `${list}-${chosen.id}`}
        aria-label={d('desk.palette.label')}
        placeholder={d('desk.palette.hint')}
        value={query}
        onChange={(event) => {
          setQuery(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
        autoComplete="off"
        spellCheck={false}
      />
      <div role="listbox" className="palette-list" id={list} aria-label={d('desk.palette.label')}>
        {shown.map((item) => (
          <div
            key={item.id}
            role="option"
            tabIndex={-1}
            id={`${list}-${item.id}`}
            aria-selected={item === chosen}
            onClick={() => choose(item)}
            onKeyDown={press}
          >
            <small>{d(`desk.palette.kind_${item.kind}`)}</small>
            <span>{item.label}</span>
            {item.keys !== '' && <kbd aria-hidden="true">{item.keys}</kbd>}
          </div>
        ))}
      </div>
      <p className="visually-hidden" role="status">
        {d('desk.palette.found', { n: shown.length })}
      </p>
    </dialog>
  );
}
