import { LOCAL_ACTOR } from '@transaction-guardian/contracts/local-actor.ts';
import type { Verdict } from '@transaction-guardian/contracts/verdict.ts';
import type { AnomalyView } from '@transaction-guardian/contracts/read.ts';
import type { VerdictMark } from '../../live/feedback-marks.ts';
import { Icon } from '../../ui/icon.tsx';
import { isQuestion, marksOf, type Judging } from './judging.ts';
import { useWords } from '../../ui/locale.tsx';

const SESSION = 'session:';
const KEYS: Readonly<Record<Verdict, string>> = { useful: 'U', noise: 'N', accept_level: 'L' };

/** Buttons to say what an anomaly was worth, and what everybody has said. */
export function VerdictBar({ anomaly, judging }: { readonly anomaly: AnomalyView; readonly judging: Judging }) {
  const { t } = useWords();
  const { all, own } = marksOf(judging, anomaly);
  const asks = isQuestion(anomaly);
  const offered: readonly Verdict[] = asks || own?.verdict === 'accept_level' ? ['useful', 'noise', 'accept_level'] : ['useful', 'noise'];
  const { failure } = judging;
  return (
    <div className={`verdicts${asks ? ' is-asking' : ''}`}>
      <p className="verdicts-question">{t(asks ? 'console.verdict.ask_level' : 'console.verdict.ask')}</p>
      <div className="verdicts-buttons" role="group" aria-label={t('console.verdict.ask')}>
        {offered.map((verdict) => (
          <button
            key={verdict}
            type="button"
            className={`tool verdict-${verdict}`}
            aria-pressed={own?.verdict === verdict}
            onClick={() => (own?.verdict === verdict ? judging.undo(anomaly) : judging.give(anomaly, verdict))}
          >
            <Icon name={verdict === 'noise' ? 'noise' : 'check'} size={14} /> {t(`console.verdict.${verdict}`)}{' '}
            <kbd aria-hidden="true">{KEYS[verdict]}</kbd>
          </button>
        ))}
        {own !== undefined && (
          <button type="button" className="tool" onClick={() => judging.undo(anomaly)}>
            {t('console.verdict.undo')} <kbd aria-hidden="true">Z</kbd>
          </button>
        )}
      </div>
      <p className="verdicts-said" role="status">
        {failure?.anomalyId === anomaly.id
          ? t('console.verdict.failed', { message: failure.message })
          : all
              .map((mark) => t('console.verdict.said', { verdict: t(`console.verdict.${mark.verdict}`), by: actorName(mark, t) }))
              .join(' · ')}
      </p>
    </div>
  );
}

/** Who judged, in words: a session by its short id, a local program, or a person by name. */
function actorName({ by: id, by_name: name }: VerdictMark, t: ReturnType<typeof useWords>['t']): string {
  if (id === LOCAL_ACTOR) return t('console.actor.local');
  return id.startsWith(SESSION) ? t('console.actor.session', { id: id.slice(SESSION.length) }) : name;
}

/** What was said of an anomaly, in its row; nothing when nobody has said anything. */
export function VerdictTags({ anomaly, judging }: { readonly anomaly: AnomalyView; readonly judging: Judging }) {
  const { t } = useWords();
  const said = new Set(marksOf(judging, anomaly).all.map(({ verdict }) => verdict));
  return (
    <>
      {isQuestion(anomaly) && said.size === 0 && <span className="tag tag-question">{t('console.verdict.question')}</span>}
      {[...said].map((verdict) => (
        <span key={verdict} className={`tag tag-${verdict}`}>
          {t(`console.verdict.${verdict}`)}
        </span>
      ))}
    </>
  );
}
