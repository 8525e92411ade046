import { useId } from 'react';
import type { ParameterValues, RunbookView } from '@transaction-guardian/contracts/runbook.ts';
import { usePageWords } from '../parts/page-words.ts';

type Value = ParameterValues[string] | undefined;

interface ParameterFieldProps {
  readonly parameter: RunbookView['parameters'][number];
  readonly value: Value;
  readonly onValue: (value: Value) => void;
}

/** The field of a parameter, by its type: a list, yes or no, a number, a text. It is called what it means; the name that files and the
 *  chat use stands below. Empty stands for the default. */
export function ParameterField({ parameter, value, onValue }: ParameterFieldProps) {
  const { p } = usePageWords();
  const hint = useId();
  const { name, type, description, required, rule, choices = [] } = parameter;
  const shown = value ?? parameter.default ?? '';
  return (
    <div className="field">
      <label className="field">
        <span>{description}</span>
        {type === 'enum' || type === 'boolean' ? (
          <select
            required={required}
            aria-describedby={hint}
            value={String(shown)}
            onChange={({ target }) =>
              onValue(target.value === '' ? undefined : type === 'boolean' ? target.value === 'true' : target.value)
            }
          >
            {required && <option value="">–</option>}
            {(type === 'boolean' ? ['true', 'false'] : choices).map((choice) => (
              <option key={choice} value={choice}>
                {type === 'boolean' ? p(choice === 'true' ? 'page.yes' : 'page.no') : choice}
              </option>
            ))}
          </select>
        ) : (
          <input
            required={required}
            type={type === 'integer' ? 'number' : 'text'}
            autoComplete="off"
            aria-describedby={hint}
            value={String(shown)}
            onChange={({ target }) => onValue(target.value === '' ? undefined : type === 'integer' ? Number(target.value) : target.value)}
          />
        )}
      </label>
      <small id={hint}>
        {name}
        {(type === 'integer' || type === 'duration') && `: ${rule}`}
      </small>
    </div>
  );
}
