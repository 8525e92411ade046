import { useState } from 'react';
import { useDeskWords } from '../parts/desk-words.ts';
import { allowNotices, noticeTrouble } from '../paging/notice.ts';
import type { Paging, Tested } from '../paging/use-paging.ts';

/** Sound and notification of this browser: off, until somebody switches them on and hears that they work. */
export function PagingSection({ paging }: { readonly paging: Paging }) {
  const { d } = useDeskWords();
  const { choice, choose } = paging;
  const [tested, setTested] = useState<Tested | null>(null);
  const [trouble, setTrouble] = useState(noticeTrouble);
  const notify = async (isOn: boolean) => {
    const isAllowed = isOn && (await allowNotices());
    setTrouble(noticeTrouble());
    choose({ ...choice, notify: isAllowed });
  };
  return (
    <section className="panel settings-part" aria-labelledby="paging-title">
      <h2 id="paging-title">{d('desk.paging.title')}</h2>
      <p>{d('desk.paging.how')}</p>
      <label className="check">
        <input type="checkbox" checked={choice.sound} onChange={(event) => choose({ ...choice, sound: event.currentTarget.checked })} />
        {d('desk.paging.sound')}
      </label>
      {choice.sound && paging.sound === 'missing' && <p className="settings-trouble">{d('desk.paging.no_sound')}</p>}
      <label className="check">
        <input
          type="checkbox"
          checked={choice.notify && trouble === null}
          disabled={trouble !== null}
          onChange={(event) => void notify(event.currentTarget.checked)}
        />
        {d('desk.paging.notify')}
      </label>
      {trouble !== null && <p className="settings-trouble">{d(`desk.paging.${trouble}`)}</p>}
      <div>
        <button type="button" className="tool" onClick={() => void paging.test().then(setTested)}>
          {d('desk.paging.test')}
        </button>
      </div>
      <p role="status">{tested !== null && testedText(d, tested)}</p>
    </section>
  );
}

function testedText(d: ReturnType<typeof useDeskWords>['d'], { sound, notice }: Tested): string {
  if (sound === null && notice === null) return d('desk.paging.tested_nothing');
  const done = [...(sound === true ? [d('desk.paging.tested_sound')] : []), ...(notice === '' ? [d('desk.paging.tested_notify')] : [])];
  return [
    ...(done.length === 0 ? [] : [d('desk.paging.tested', { what: done.join(', ') })]),
    ...(sound === false ? [d('desk.paging.blocked')] : []),
    ...(notice === null || notice === '' ? [] : [d('desk.paging.failed', { message: notice })]),
  ].join(' ');
}
