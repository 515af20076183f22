/** A place among the events, as people give it: the id of an event, or a time. */

export interface PlaceProps {
  label: string;
  value: string;
  onValue(value: string): void;
  required?: boolean;
}

export function PlaceField({ label, value, onValue, required = false }: PlaceProps) {
  return (
    <label>
      {label}
      <input
        required={required}
        placeholder="18233411, or 2026-11-20 08:00"
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </label>
  );
}

export type Place = { id: number } | { time: string };

/** A time without a zone is the reader's own. null: nothing is given. @throws RangeError when it is neither */
export function placeOf(text: string): Place | null {
  const given = text.trim();
  if (given === "") return null;
  if (/^\d+$/.test(given)) return { id: Number(given) };
  const time = new Date(given);
  if (Number.isNaN(time.getTime()))
    throw new RangeError(`“${given}” is no event id, and no time such as 2026-11-20 08:00.`);
  return { time: time.toISOString() };
}
