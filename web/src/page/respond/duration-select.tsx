import { useWords } from '../../ui/locale.tsx';

/** Hours that a silence is offered for. */
const HOURS = [1, 2, 4, 8, 24, 72, 168] as const;

interface DurationSelectProps {
  readonly hours: number;
  readonly onHours: (hours: number) => void;
}

/** How long a silence lasts. */
export function DurationSelect({ hours, onHours }: DurationSelectProps) {
  const { t } = useWords();
  return (
    <label className="field">
      <span>{t('console.silences.duration')}</span>
      <select value={hours} onChange={(event) => onHours(Number(event.target.value))}>
        {HOURS.map((option) => (
          <option key={option} value={option}>
            {option < 48 ? `${option} h` : `${option / 24} d`}
          </option>
        ))}
      </select>
    </label>
  );
}
