/** What every dialog that changes something ends with: why, what the daemon refused, and the two buttons. */
export interface DialogEndProps {
  /** On the button that does it. */
  label: string;
  dangerous: boolean;
  busy: boolean;
  why: string;
  needsWhy: boolean;
  onWhy(why: string): void;
  trouble: string | null;
  onCancel(): void;
}

export function DialogEnd({
  label,
  dangerous,
  busy,
  why,
  needsWhy,
  onWhy,
  trouble,
  onCancel,
}: DialogEndProps) {
  return (
    <>
      <label>
        Why{needsWhy ? "" : " (optional)"}
        <input
          required={needsWhy}
          maxLength={1000}
          value={why}
          onInput={(event) => onWhy(event.currentTarget.value)}
        />
      </label>
      {trouble && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
      <p class="deeds">
        <button type="submit" class={dangerous ? "dangerous" : "main"} disabled={busy}>
          {label}
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </p>
    </>
  );
}
