import { useState } from 'react';
import type { NewAccessCode } from '@transaction-guardian/contracts/access.ts';
import type { AccessApi } from './access-api.ts';
import { useActing } from '../parts/acting.ts';
import { useDeskWords } from '../parts/desk-words.ts';

interface CodeSectionProps {
  readonly api: AccessApi;
  /** Whom a session that it opens acts as. */
  readonly name: string;
  readonly now: number;
  readonly onMade: () => void;
}

/** Shows a code that signs another device in. */
export function CodeSection({ api, name, now, onMade }: CodeSectionProps) {
  const { d } = useDeskWords();
  const [made, setMade] = useState<NewAccessCode | null>(null);
  const { failure, run } = useActing();
  const leftMs = made === null ? 0 : Date.parse(made.expires_at) - now;
  const show = () =>
    run(async () => {
      setMade(await api.makeCode());
      onMade();
    });
  return (
    <section className="panel settings-part" aria-labelledby="code-title">
      <h2 id="code-title">{d('desk.code.title')}</h2>
      <p>{d('desk.code.who', { name })}</p>
      {made !== null && leftMs > 0 && (
        <div className="code-shown">
          <p>{d('desk.code.how', { origin: location.origin })}</p>
          <p className="code-letters">
            <output>{made.code}</output>
          </p>
          <p>{d('desk.code.left', { time: clockText(leftMs) })}</p>
        </div>
      )}
      <p role="status">{made !== null && leftMs <= 0 && d('desk.code.expired')}</p>
      {failure !== null && (
        <p className="settings-trouble" role="alert">
          {d('desk.failed', { message: failure })}
        </p>
      )}
      <div>
        <button type="button" className="tool" onClick={() => void show()}>
          {d('desk.code.show')}
        </button>
      </div>
    </section>
  );
}

/** Minutes and seconds: `4:05`. */
function clockText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
