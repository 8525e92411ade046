interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  /** Values with their words, in order. */
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly isDisabled?: boolean;
}

/** One of several values, with its label above it. */
export function Choice({ label, value, onValue, options, isDisabled = false }: ChoiceProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <select value={value} disabled={isDisabled} onChange={(event) => onValue(event.target.value)}>
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
