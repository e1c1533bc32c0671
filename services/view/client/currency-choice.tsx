import { chooseCurrency, currencies, currency } from './store.ts';

/** Which currency a section shows; all sections show the same. */
export function CurrencyChoice({ name }: { readonly name: string }) {
  if (currencies.value.length < 2) return null;
  return (
    <fieldset class="choice">
      <legend class="hidden">Currency</legend>
      {currencies.value.map(({ code }) => (
        <label key={code}>
          <input
            type="radio"
            name={name}
            value={code}
            checked={currency.value?.code === code}
            onChange={() => chooseCurrency(code)}
          />
          <span>{code}</span>
        </label>
      ))}
    </fieldset>
  );
}
