import type { AccessLink, AccessList, AccessSession } from '@transaction-guardian/contracts/access.ts';
import { formatMoment } from '../../ui/format.ts';
import type { AccessApi } from './access-api.ts';
import { useActing } from '../parts/acting.ts';
import { useDeskWords, type DeskWords } from '../parts/desk-words.ts';

interface AccessSectionProps {
  readonly api: AccessApi;
  readonly list: AccessList;
  /** Id of this session. */
  readonly own: string | null;
  readonly now: number;
  readonly onChange: () => void;
}

/** Links, codes and sessions, the own ones or all for an admin, each with what ends it. */
export function AccessSection({ api, list, own, now, onChange }: AccessSectionProps) {
  const words = useDeskWords();
  const { d } = words;
  const { failure, run } = useActing();
  const attempt = (work: () => Promise<void>) => void run(work).then((isDone) => isDone && onChange());
  const { links, sessions } = list;
  return (
    <section className="panel settings-part" aria-labelledby="access-title">
      <h2 id="access-title">{d('desk.access.title')}</h2>
      {failure !== null && (
        <p className="settings-trouble" role="alert">
          {d('desk.failed', { message: failure })}
        </p>
      )}
      {links.length + sessions.length === 0 && <p>{d('desk.access.none')}</p>}
      <ul className="access-rows">
        {sessions.map((session) => {
          const state = sessionState(words, session, now);
          return (
            <li key={session.id}>
              <Row kind={d('desk.access.kind_session')} who={session.actor_name} id={session.id} state={state.text}>
                {session.id === own && <strong>{d('desk.access.this')}</strong>} {session.address ?? ''}{' '}
                {d('desk.access.since', { at: moment(words, session.opened_at, now) })}
              </Row>
              {state.isOpen && session.id !== own && (
                <button type="button" className="tool" onClick={() => attempt(() => api.endSession(session.id))}>
                  {d('desk.access.end')} <span className="visually-hidden">{session.id}</span>
                </button>
              )}
            </li>
          );
        })}
        {links.map((link) => {
          const state = linkState(words, link, now);
          return (
            <li key={link.id}>
              <Row kind={d(`desk.access.kind_${link.kind}`)} who={link.person_name} id={link.id} state={state.text}>
                {d('desk.access.since', { at: moment(words, link.made_at, now) })}
              </Row>
              {state.isOpen && (
                <button type="button" className="tool" onClick={() => attempt(() => api.revokeLink(link.id))}>
                  {d('desk.access.revoke')} <span className="visually-hidden">{link.id}</span>
                </button>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

interface RowProps {
  readonly kind: string;
  readonly who: string;
  readonly id: string;
  readonly state: string;
  readonly children: React.ReactNode;
}

function Row({ kind, who, id, state, children }: RowProps) {
  return (
    <div>
      <p>
        <strong>{who}</strong> · {kind} · {state}
      </p>
      <p>
        <small>
          {children} · {id}
        </small>
      </p>
    </div>
  );
}

interface Shown {
  readonly isOpen: boolean;
  readonly text: string;
}

const moment = ({ locale, timeZone }: DeskWords, at: string, now: number): string => formatMoment(locale, timeZone, Date.parse(at), now);

function sessionState(words: DeskWords, { ended_at, expires_at }: AccessSession, now: number): Shown {
  if (ended_at !== null) return { isOpen: false, text: words.d('desk.access.ended') };
  return untilState(words, expires_at, now);
}

function linkState(words: DeskWords, { used_at, revoked_at, expires_at }: AccessLink, now: number): Shown {
  if (revoked_at !== null) return { isOpen: false, text: words.d('desk.access.revoked') };
  if (used_at !== null) return { isOpen: false, text: words.d('desk.access.used') };
  return untilState(words, expires_at, now);
}

function untilState(words: DeskWords, expiresAt: string, now: number): Shown {
  const isOpen = Date.parse(expiresAt) > now;
  return { isOpen, text: isOpen ? words.d('desk.access.until', { at: moment(words, expiresAt, now) }) : words.d('desk.access.expired') };
}
