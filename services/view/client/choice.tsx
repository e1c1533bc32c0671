import { chooseCurrency, currencies, currency } from './page-state.ts';

export interface ChoiceProps {
  readonly legend: string;
  readonly name: string;
  /** Of each its value and what it is called. */
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly chosen: string | undefined;
  readonly choose: (value: string) => void;
}

/** One of a few. */
export function Choice({ legend, name, options, chosen, choose }: ChoiceProps) {
  return (
    <fieldset class="choice">
      <legend class="hidden">{legend}</legend>
      {options.map(([value, text]) => (
        <label key={value}>
          <input
            type="radio"
            name={name}
            value={value}
            checked={chosen === value}
            onChange={() => choose(value)}
          />
          <span>{text}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Which currency a section shows; all sections show the same. */
export function CurrencyChoice({ name }: { readonly name: string }) {
  const options = currencies.value.map(({ code }) => [code, code] as const);
  if (options.length < 2) return null;
  return (
    <Choice
      legend="Currency"
      name={name}
      options={options}
      chosen={currency.value?.code}
      choose={chooseCurrency}
    />
  );
}
