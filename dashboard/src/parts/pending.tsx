/** What stands where an answer will be: it is asked for, it was refused, or the daemon is away. */
import type { Refusal } from "../api/ask.ts";

export function Pending({ refusal, what }: { refusal: Refusal | null; what: string }) {
  if (!refusal)
    return (
      <p class="quiet" role="status">
        Asking for {what}…
      </p>
    );
  return (
    <section class="empty" role="alert">
      <h1>{refusal.message}</h1>
      {refusal.hint && <p>{refusal.hint}</p>}
    </section>
  );
}
